"""What is searched in memory equals what a plain look at every record finds, whatever happened."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from services.registry.domain.product import Product
from services.registry.domain.records import Aggregate, Author, Owner, Record, State, Status
from services.registry.domain.words import asked, fold, words
from services.registry.store.codec import to_document
from services.registry.store.lists import console_filter, public_filter
from services.registry.store.search import word_rows
from services.registry.store.search.seen import (
    BEST_FIRST,
    BY_NAME,
    JUST_PUBLISHED,
    NEWEST,
    WORST,
    Hits,
)
from services.registry.store.search.table import Sort, Table
from services.registry.store.search.word_rows import CONSOLE, PUBLIC, Gathered, settled
from shared.auth import Principal
from shared.mongo import Database

AT = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = ("Chả mực", "chả MỰC Hạ Long", "Na dai", "Nấm", "Đường đỏ", "Da dê", "Ổi", "Ớt", "H", "Hồ")
# Each word of the names, and beginnings of some: after a change none is found by a former one.
EVERYTHING = (*words(*NAMES), "h", "d", "cha na", "hộ", "cs22")
COMMUNES = ("06694", "06697", "06700")
SECTORS = ("agriculture", "health")
SORTS: tuple[Sort, ...] = (BY_NAME, BEST_FIRST, JUST_PUBLISHED, NEWEST, WORST)


def author(name: str) -> Author:
    return Author(name, name, "commune", "unit")


@st.composite
def products(draw: st.DrawFn, record_id: str) -> Record[Product]:
    """A product in any state of its life, of one of few facilities, named alike."""
    number = draw(st.integers(0, 3))
    owner = Owner(
        facility_id=f"f{number}",
        name=f"Hộ {draw(st.sampled_from(NAMES))}",
        code=f"CS22-{number:08d}",
        commune=draw(st.sampled_from(COMMUNES)),
        sector=draw(st.sampled_from(SECTORS)),
        active=draw(st.booleans()),
    )
    content = Product(
        facility_id=owner.facility_id,
        name=" ".join(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3))),
        category=draw(st.sampled_from(("lychee", "tea", "squid"))),
        brand=draw(st.sampled_from(("", *NAMES))),
        ocop_stars=draw(st.sampled_from((None, 3, 4, 5))),
        key_product=draw(st.booleans()),
    )
    state = draw(st.sampled_from(State))
    shown = state is State.PUBLISHED or draw(st.booleans())
    return Record(
        id=record_id,
        aggregate=Aggregate.PRODUCT,
        version=1,
        state=state,
        code=f"SP22-{record_id}",
        owner=owner,
        draft=None if state is State.PUBLISHED else content,
        published=content if shown else None,
        created_at=AT,
        # Many at one moment, as an import writes them.
        updated_at=AT + timedelta(hours=draw(st.integers(0, 2))),
        editors=tuple(author(one) for one in draw(st.sets(st.sampled_from("ab")))),
        published_at=AT + timedelta(hours=draw(st.integers(0, 2))) if shown else None,
        status=draw(st.sampled_from((Status.ACTIVE, Status.ACTIVE, Status.WITHDRAWN))),
        checked_by=draw(st.sampled_from((None, author("a")))),
        reason=draw(st.sampled_from(("", "Thiếu ảnh"))),
    )


ids = st.integers(0, 30).map(lambda number: f"{number:03d}")
people = st.builds(
    lambda communes, sector, facility: Principal(
        account_id="a",
        name="A",
        tier="commune",
        kinds=frozenset({"check"}),
        unit_id="u",
        session_id="s",
        communes=communes,
        sector=sector,
        facility_id=facility,
    ),
    st.sampled_from((("*",), COMMUNES[:1], COMMUNES[:2])),
    st.sampled_from(("*", *SECTORS)),
    st.sampled_from((None, None, "f1")),
)
questions = st.one_of(
    st.just(""),
    st.sampled_from(("…", "h", "đ", "0", "SP22")),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(" ".join),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=2).map(" ".join).map(fold),
    st.lists(st.sampled_from(NAMES), min_size=1, max_size=2).map(lambda some: " ".join(some)[:3]),
)
filters: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    (
        {},
        {"state": "submitted", "editors.account_id": {"$ne": "a"}},
        {"state": "checked", "checked_by.account_id": {"$ne": "a"}},
        {"state": "draft", "reason": {"$ne": ""}},
        {"state": "draft", "reason": ""},
        {"published": {"$ne": None}},
        {"published.category": "tea"},
        {"published.category": {"$in": ["tea", "squid"]}},
        {"published.ocop_stars": {"$gte": 4}},
        {"published.key_product": False},
        {"derived.quality": {"$lt": 60}},
    )
)


def held(document: dict[str, Any], path: str) -> Any:
    found: Any = document
    for name in path.split("."):
        if isinstance(found, list):
            found = [one[name] for one in found]
        else:
            found = found.get(name) if found is not None else None
    return found


def meets(document: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """The filter as MongoDB means it, said once more and plainly."""
    for path, condition in wanted.items():
        if path == "$and":
            if not all(meets(document, part) for part in condition):
                return False
            continue
        value = held(document, path)
        several = value if isinstance(value, list) else [value]
        tests = condition if isinstance(condition, dict) else {"$in": [condition]}
        for name, given_ in tests.items():
            if not FITS[name](several, given_):
                return False
    return True


FITS: Final[dict[str, Callable[[list[Any], Any], bool]]] = {
    "$in": lambda values, given_: any(one in given_ for one in values),
    "$ne": lambda values, given_: given_ not in values,
    "$gte": lambda values, given_: any(one is not None and one >= given_ for one in values),
    "$lt": lambda values, given_: any(one is not None and one < given_ for one in values),
}


def called(document: dict[str, Any], field: str, q: str) -> bool:
    names = [*document["derived"][field], *document["owner"]["words"]]
    sought = asked(q)
    if q.strip() and not sought:
        return False
    return all(any(name.startswith(word) for name in names) for word in sought)


def ordered(documents: list[dict[str, Any]], sort: Sort) -> list[str]:
    """By one key after another, the least first, what is missing before everything."""
    found = sorted(documents, key=lambda one: one["_id"], reverse=sort[-1][1] < 0)
    for path, way in reversed(sort):
        key = lambda one, at=path: (held(one, at) is not None, held(one, at) or 0)  # noqa: E731
        if path == "derived.public_name":
            key = lambda one, at=path: held(one, at)  # noqa: E731
        found.sort(key=key, reverse=way < 0)
    return [one["_id"] for one in found]


class World:
    """The same records in a table and in a plain dictionary."""

    def __init__(self) -> None:
        self.table = Table(Aggregate.PRODUCT)
        self.documents: dict[str, dict[str, Any]] = {}

    def put(self, record: Record[Product]) -> None:
        self.documents[record.id] = to_document(record)
        self.table.put(self.documents[record.id])

    def drop(self, record_id: str) -> None:
        self.documents.pop(record_id, None)
        self.table.drop(record_id)

    def settle(self, data: st.DataObject) -> None:
        """Merge, while something else changes."""
        changed = self.table.words.changed()
        base = self.table.words.settle(changed)
        self.change(data, 3)
        self.table.words.install(base, changed)

    def change(self, data: st.DataObject, most: int) -> None:
        for record_id, stays in data.draw(
            st.dictionaries(ids, st.booleans(), max_size=most)
        ).items():
            if stays:
                self.put(data.draw(products(record_id)))
            else:
                self.drop(record_id)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_search_finds_what_a_plain_look_at_every_record_finds(data: st.DataObject) -> None:
    world = World()
    for record_id in data.draw(st.sets(ids, max_size=25)):
        world.put(data.draw(products(record_id)))
    world.table.fill()
    for _ in range(data.draw(st.integers(0, 2))):
        world.change(data, 10)
        if data.draw(st.booleans()):
            world.settle(data)
    for q in EVERYTHING:
        for field, bits in (("public_words", PUBLIC), ("words", CONSOLE)):
            mask = world.table.called(q, bits) & world.table.select({})
            plain = [one for one in world.documents.values() if called(one, field, q)]
            assert world.table.ids(mask, BY_NAME, skip=0, size=100) == ordered(plain, BY_NAME)
    q, wanted = data.draw(questions), data.draw(filters)
    public = data.draw(st.booleans())
    allowed = public_filter() if public else console_filter(data.draw(people), wanted=wanted)
    table, bits = world.table, PUBLIC if public else CONSOLE
    mask = table.called(q, bits) & table.select(allowed)
    field = "public_words" if public else "words"
    plain = [
        one for one in world.documents.values() if called(one, field, q) and meets(one, allowed)
    ]
    assert int(mask.sum()) == len(plain)
    sort = data.draw(st.sampled_from(SORTS))
    size = data.draw(st.integers(1, 7))
    pages = [table.ids(mask, sort, skip=skip, size=size) for skip in range(0, len(plain) + 1, size)]
    assert [one for page in pages for one in page] == ordered(plain, sort)
    category = {
        name: sum(held(one, "published.category") == name for one in plain)
        for name in ("lychee", "tea", "squid")
    }
    counted = table.counts("published.category", mask)
    assert {name: counted.get(name, 0) for name in category} == category


@settings(max_examples=60)
@given(data=st.data())
def test_a_facet_counts_what_all_other_choices_leave(data: st.DataObject) -> None:
    world = World()
    for record_id in data.draw(st.sets(ids, max_size=25)):
        world.put(data.draw(products(record_id)))
    world.table.fill()
    choices: dict[str, tuple[str, list[dict[str, Any]]]] = {
        "group": ("published.category", [{}, {"published.category": {"$in": ["tea", "squid"]}}]),
        "ocop": ("published.ocop_stars", [{}, {"published.ocop_stars": {"$gte": 4}}]),
        "commune": ("owner.commune", [{}, {"owner.commune": COMMUNES[0]}]),
        "key": ("published.key_product", [{}, {"published.key_product": True}]),
    }
    chosen = {
        name: (path, data.draw(st.sampled_from(some))) for name, (path, some) in choices.items()
    }
    q = data.draw(st.sampled_from(("", "ch", "hộ")))
    found = Hits(world.table, world.table.called(q, PUBLIC), {}, cast(Database, None))
    hits, counts = found.narrowed(chosen)
    named = [one for one in world.documents.values() if called(one, "public_words", q)]
    left = [one for one in named if all(meets(one, wanted) for _, wanted in chosen.values())]
    assert sorted(hits.ids(BY_NAME, size=100)) == sorted(one["_id"] for one in left)
    assert hits.total == len(left)
    for name, (path, _) in chosen.items():
        others = [wanted for other, (_, wanted) in chosen.items() if other != name]
        values = [held(one, path) for one in named if all(meets(one, other) for other in others)]
        assert counts[name] == Counter(str(value) for value in values if value is not None)


def test_a_filter_on_what_is_not_kept_is_an_error_and_not_an_empty_list() -> None:
    table = Table(Aggregate.PRODUCT)
    table.fill()
    for wanted in ({"published.brand": "x"}, {"state": {"$regex": "x"}}):
        try:
            table.select(wanted)
        except KeyError:
            continue
        # An operator is only looked at where there is a value.
        assert wanted == {"state": {"$regex": "x"}}


@given(
    st.dictionaries(
        st.integers(0, 40), st.sets(st.sampled_from(["a", "ab", "abc", "b", "ba", "1", "12"]))
    )
)
def test_all_words_that_begin_so_are_one_slice(rows: dict[int, set[str]]) -> None:
    gathered = Gathered()
    for row, spelt in rows.items():
        gathered.add(row, [(word, PUBLIC) for word in spelt])
    base = settled(word_rows.NOTHING, word_rows.NOTHING.rows, gathered)
    for start in ("a", "ab", "abc", "abcd", "b", "1", "2", "z"):
        found = set(base.rows[base.beginning(start)].tolist())
        assert found == {
            row for row, spelt in rows.items() if any(word.startswith(start) for word in spelt)
        }


def test_what_is_asked_for_is_folded_like_what_is_found() -> None:
    assert asked("CHẢ  mực, Đông") == words("chả mực đông") == ("cha", "muc", "dong")
