"""The tree against the words of RFC 9162, against pymerkle, and against the verifier's own code."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from services.stamps.log import tree, verify
from services.stamps.log.tree import Hashes, Place

MOST = 70
# Test vectors of RFC 6962 as Certificate Transparency's implementations share them: eight leaves
# and the roots of the trees of one to eight of them.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def grown(leaves: list[bytes], steps: list[int] | None = None) -> Hashes:
    """All hashes that are kept of these leaves, appended so many at a time."""
    known: dict[Place, bytes] = {}
    size = 0
    for step in [*(steps or []), len(leaves)]:
        some = leaves[size : size + step]
        kept, root = tree.grown(size, known, some)
        for number, hashes in enumerate(kept, start=size):
            for level, value in enumerate(hashes):
                known[Place(level, ((number + 1) >> level) - 1)] = value
        size += len(some)
        assert root == tree.root(size, known)
    return known


def defined(leaves: list[bytes]) -> bytes:
    """The root by the definition in 2.1.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + defined(leaves[:k]) + defined(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_shared_vectors_come_out(size: int) -> None:
    assert tree.root(size, grown(LEAVES)).hex() == ROOTS[size - 1]


def test_of_no_leaves_there_is_a_root() -> None:
    assert tree.root(0, {}) == sha256(b"").digest() == verify.Tree().root


@given(st.lists(st.binary(max_size=9), max_size=MOST), st.lists(st.integers(0, 9), max_size=9))
def test_in_whatever_steps_it_grows_the_root_is_the_defined_one(
    leaves: list[bytes], steps: list[int]
) -> None:
    known = grown(leaves, steps)
    outside = verify.Tree()
    for size in range(len(leaves) + 1):
        assert tree.root(size, known) == defined(leaves[:size]) == outside.root
        if size < len(leaves):
            outside.append(leaves[size])


@given(st.lists(st.binary(max_size=5), min_size=1, max_size=MOST), st.data())
def test_every_inclusion_proof_convinces_of_its_leaf_alone(
    leaves: list[bytes], data: st.DataObject
) -> None:
    known, size = grown(leaves), data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    path = tree.proof(tree.inclusion(index, size), known)
    root = tree.root(size, known)
    assert verify.is_included(index, size, leaves[index], path, root)
    assert not verify.is_included(index, size, leaves[index] + b"!", path, root)
    assert not verify.is_included(index, size, leaves[index], path[:-1], root) or not path
    assert not verify.is_included(index, size, leaves[index], [*path, root], root)
    assert not verify.is_included(index, size, leaves[index], path, sha256(root).digest())
    other = data.draw(st.integers(0, size - 1))
    if leaves[other] != leaves[index]:
        assert not verify.is_included(other, size, leaves[index], path, root)


@given(st.lists(st.binary(max_size=5), min_size=1, max_size=MOST), st.data())
def test_every_consistency_proof_convinces_of_these_two_trees_alone(
    leaves: list[bytes], data: st.DataObject
) -> None:
    known, second = grown(leaves), len(leaves)
    first = data.draw(st.integers(1, second))
    path = tree.proof(tree.consistency(first, second), known)
    older, newer = tree.root(first, known), tree.root(second, known)
    assert verify.is_consistent(first, second, older, newer, path)
    forged = sha256(older).digest()
    assert not verify.is_consistent(first, second, forged, newer, path)
    assert not verify.is_consistent(first, second, older, forged, path)
    if first < second:
        assert not verify.is_consistent(first, second, older, newer, path[:-1])
        assert not verify.is_consistent(first, second, older, newer, [*path, newer])
        assert not verify.is_consistent(first, second, older, newer, [])


@given(st.lists(st.binary(max_size=5), min_size=2, max_size=MOST), st.data())
def test_a_tree_with_one_leaf_changed_moved_or_missing_is_not_consistent(
    leaves: list[bytes], data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, len(leaves) - 1))
    index = data.draw(st.integers(0, first - 1))
    changed = [*leaves[:index], leaves[index] + b"!", *leaves[index + 1 :]]
    removed = [*leaves[:index], *leaves[index + 1 :], b"more"]
    older = tree.root(first, grown(leaves))
    for forged in (changed, removed, leaves[::-1]):
        known = grown(forged)
        if forged[:first] == leaves[:first]:
            continue
        path = tree.proof(tree.consistency(first, len(forged)), known)
        newer = tree.root(len(forged), known)
        assert not verify.is_consistent(first, len(forged), older, newer, path)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 33, 64, 65])
def test_pymerkle_agrees_on_roots_and_proofs(size: int) -> None:
    oracle = InmemoryTree(algorithm="sha256")
    leaves = [bytes([number, number]) for number in range(size)]
    for leaf in leaves:
        oracle.append_entry(leaf)
    known = grown(leaves)
    assert oracle.get_state(size) == tree.root(size, known)
    for index in range(size):
        ours = tree.proof(tree.inclusion(index, size), known)
        theirs = oracle.prove_inclusion(index + 1, size).path
        assert [tree.leaf_hash(leaves[index]), *ours] == theirs
    for first in range(1, size + 1):
        assert oracle.get_state(first) == tree.root(first, known)
        # Its consistency proofs have another form than the RFC's; its roots judge ours.
        path = tree.proof(tree.consistency(first, size), known)
        roots = oracle.get_state(first), oracle.get_state(size)
        assert verify.is_consistent(first, size, *roots, path)


def test_a_proof_costs_no_more_reads_than_the_tree_is_deep() -> None:
    size = 1_000_003
    depth = size.bit_length()
    for index in (0, 1, 500_000, 999_999, size - 1):
        runs = tree.inclusion(index, size)
        assert len(runs) <= depth
        assert len(tree.places_needed(runs)) <= 2 * depth
    for first in (1, 77, 524_288, 999_999):
        assert len(tree.places_needed(tree.consistency(first, size))) <= 2 * depth


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_a_leaf_that_there_is_not(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        tree.inclusion(index, size)


@pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3), (-1, 3)])
def test_there_is_no_proof_between_trees_that_there_are_not(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="no proof"):
        tree.consistency(first, second)
