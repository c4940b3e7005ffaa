"""The replica's figures for Prometheus: plain integers, read when somebody asks."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.scan.answering.hot import HotRoute
from services.scan.domain.records import NAMES
from services.scan.replica import Replica


class ScanFigures(Collector):
    """Registered once a process, by main."""

    def __init__(self, replica: Replica, hot: HotRoute) -> None:
        self._replica = replica
        self._hot = hot

    def collect(self) -> Iterator[Metric]:
        yield self._scans()
        yield self._resolved()
        yield from self._counters()
        yield from self._gauges()

    def _resolved(self) -> Metric:
        answers = CounterMetricFamily(
            "txng_scan_resolved", "Answers of the GS1 resolver", labels=["status"]
        )
        for status, count in self._replica.resolver.counts.items():
            answers.add_metric([str(status)], count)
        return answers

    def _scans(self) -> Metric:
        scans = CounterMetricFamily("txng_scans", "Scans answered", labels=["verdict"])
        for name, count in zip(NAMES, self._hot.counts, strict=True):
            scans.add_metric([name], count)
        return scans

    def _counters(self) -> Iterator[Metric]:
        replica, hot = self._replica, self._hot
        for name, text, value in (
            ("looked_further", "Scans that memory alone could not answer", hot.looked_further),
            ("database_reads", "Reads for what memory lacked", replica.lookup.reads),
            ("database_documents", "Documents that memory lacked", replica.lookup.documents),
            ("database_failures", "Reads that failed", replica.lookup.failures),
            ("rendered", "Pages and verdicts rendered anew", replica.forms.rendered),
            ("refused_invalid", "Invalid codes over the limit", hot.refused_invalid),
            ("uncounted", "Scans answered that could not be counted", replica.spool.uncounted),
            ("segments_sent", "Spool segments the broker confirmed", replica.spool.sent),
            ("generations", "Changes that voided ready answers", replica.memory.generation),
        ):
            yield CounterMetricFamily(f"txng_scan_{name}", text, value=value)

    def _gauges(self) -> Iterator[Metric]:
        replica = self._replica
        memory = replica.memory
        waiting = len(replica.spool.waiting())
        for name, text, value in (
            ("confirmed", "1 while this replica may say genuine", replica.confirmer.confirmed),
            ("told", "Versions heard of that the projection lacks", len(memory.told)),
            ("segments", "Interval maps in memory", len(memory.segments)),
            ("often", "Stamps whose number of scans is known", len(replica.often.stamps)),
            ("passports", "Passports in memory", sum(map(len, memory.passports.values()))),
            ("spool_waiting", "Sealed spool files not yet sent", waiting),
        ):
            yield GaugeMetricFamily(f"txng_scan_{name}", text, value=float(value))
        taken = GaugeMetricFamily("txng_scan_taken", "Feed number held", labels=["publisher"])
        for publisher, numbers in memory.taken.items():
            taken.add_metric([publisher], numbers.complete_to)
        yield taken
