"""What every page of a site may look up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from featdsl.ir import manifest as m
from featdsl.site.html import Html, element, join
from featdsl.site.paths import Kind, Pages, relative
from featdsl.site.records import Runs
from featdsl.store.failing import FailingFile


@dataclass(frozen=True)
class Site:
    """A manifest with its pages, SQL of groups, features and data sets by full name, and runs.

    ``failing`` has rows that failed expectations, by run.
    """

    manifest: m.Manifest
    runs: Runs
    sql: Mapping[str, str] = field(default_factory=dict)
    failing: Mapping[str, FailingFile] = field(default_factory=dict)

    @cached_property
    def pages(self) -> Pages:
        return Pages.of(self.manifest)

    @cached_property
    def features(self) -> Mapping[str, m.FeatureEntry]:
        """Features and labels: both have a page of that kind."""
        return {f.name: f for f in (*self.manifest.features, *self.manifest.labels)}

    @cached_property
    def groups(self) -> Mapping[str, m.GroupEntry]:
        return {g.name: g for g in (*self.manifest.groups, *self.manifest.label_groups)}

    @cached_property
    def entities(self) -> Mapping[str, m.EntityEntry]:
        return {e.name: e for e in self.manifest.entities}

    @cached_property
    def sources(self) -> Mapping[str, m.SourceEntry]:
        return {s.name: s for s in self.manifest.sources}

    @cached_property
    def views(self) -> Mapping[str, m.ViewEntry]:
        return {v.name: v for v in self.manifest.views}

    @cached_property
    def datasets(self) -> Mapping[str, m.DatasetEntry]:
        return {d.name: d for d in self.manifest.datasets}

    @cached_property
    def several_namespaces(self) -> bool:
        """Whether short names alone could be mistaken."""
        return len({name.rpartition(".")[0] for name in self.groups}) > 1

    def shown(self, name: str) -> str:
        """A declaration's name as people say it: without the namespace where there is one."""
        if self.several_namespaces:
            return name
        *_, group, last = ["", *name.split(".")]
        return f"{group}.{last}" if name in self.features else last


@dataclass(frozen=True)
class PageContext:
    """A page under way: `path` is its own, from the root of the site."""

    site: Site
    path: str

    def href(self, target: str) -> str:
        return relative(self.path, target)

    def address(self, kind: Kind, name: str) -> str:
        return self.href(self.site.pages.path(kind, name))

    def link(self, kind: Kind, name: str, text: str | None = None) -> Html:
        """A link to a page, its text in the face of code."""
        shown = self.site.shown(name) if text is None else text
        return element("a", element("code", shown), href=self.address(kind, name))

    def feature(self, name: str) -> Html:
        return self.link(Kind.FEATURE, name)

    def declared(self, name: str) -> Html:
        """A link to whatever has the name, but for features."""
        found = self.site.pages.find(name)
        shown = element("code", self.site.shown(name))
        return shown if found is None else element("a", shown, href=self.href(found[1]))

    def listed(self, links: Iterable[Html], nothing: str) -> Html:
        """Links one after the other; what there is instead where there are none."""
        items = [element("li", link) for link in links]
        if not items:
            return element("span", nothing, class_="none")
        return element("ul", join(items), class_="inline-list")
