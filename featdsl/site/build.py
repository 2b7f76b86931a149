"""A static site of a manifest: every page, written; pages of what is gone, removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from featdsl.ir.manifest import Manifest
from featdsl.site.context import PageContext, Site
from featdsl.site.html import Html
from featdsl.site.page_consumer import consumer_page
from featdsl.site.page_data import entity_page, source_page, view_page
from featdsl.site.page_dataset import dataset_page
from featdsl.site.page_feature import feature_page
from featdsl.site.page_group import group_page
from featdsl.site.page_index import index_page
from featdsl.site.page_runs import runs_page, tests_page
from featdsl.site.paths import INDEX, RUNS, TESTS, Kind
from featdsl.site.records import Runs
from featdsl.site.search import search_entries, search_script
from featdsl.site.write import write_site
from featdsl.store.failing import FailingFile
from featdsl.store.record import RunRecord

ASSETS: Final = ("style.css", "site.js", "icon.svg")


def build_site(
    manifest: Manifest,
    *,
    sql: Mapping[str, str],
    records: Sequence[RunRecord | Mapping[str, Any]],
    failing: Mapping[str, FailingFile] | None = None,
    out: Path,
) -> Path:
    """Write the site of a project; the same inputs give the same bytes.

    Args:
        manifest: What the project declares.
        sql: SQL by full name: of groups, data sets, and single features where it was made.
        records: Records of runs, in any order.
        failing: Rows that failed expectations, by run.
        out: The folder to write to. Files there that an earlier site did not write stay.

    Returns:
        The path of the first page.

    Raises:
        FileError: something cannot be written.
        pydantic.ValidationError: a record is not one of this version.
    """
    site = Site(manifest, Runs.of(records), sql, failing or {})
    write_site(out, dict(site_files(site)))
    return out / INDEX


def site_files(site: Site) -> Iterator[tuple[str, str]]:
    """Every file of a site: its path from the root, with forward slashes, and its text."""
    for asset in ASSETS:
        yield asset, files("featdsl.site").joinpath("assets", asset).read_text("utf-8")
    entries = search_entries(site)
    yield "search-index.js", search_script(entries)
    places = {entry[2]: i for i, entry in enumerate(entries) if entry[0] == "feature"}
    yield INDEX, index_page(PageContext(site, INDEX), places)
    yield TESTS, tests_page(PageContext(site, TESTS))
    yield RUNS, runs_page(PageContext(site, RUNS))
    yield from _declared(site)


def _declared(site: Site) -> Iterator[tuple[str, Html]]:
    def page(kind: Kind, name: str) -> PageContext:
        return PageContext(site, site.pages.path(kind, name))

    for group in site.groups.values():
        here = page(Kind.GROUP, group.name)
        yield here.path, group_page(here, group)
    for feature in site.features.values():
        here = page(Kind.FEATURE, feature.name)
        yield here.path, feature_page(here, feature)
    for source in site.manifest.sources:
        here = page(Kind.SOURCE, source.name)
        yield here.path, source_page(here, source)
    for view in site.manifest.views:
        here = page(Kind.VIEW, view.name)
        yield here.path, view_page(here, view)
    for entity in site.manifest.entities:
        here = page(Kind.ENTITY, entity.name)
        yield here.path, entity_page(here, entity)
    for dataset in site.manifest.datasets:
        here = page(Kind.DATASET, dataset.name)
        yield here.path, dataset_page(here, dataset)
    for consumer in site.manifest.consumers:
        here = page(Kind.CONSUMER, consumer.name)
        yield here.path, consumer_page(here, consumer)
