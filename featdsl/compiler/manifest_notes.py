"""What declarations say of themselves, for the manifest."""

from __future__ import annotations

import re
from typing import Final

from featdsl.ir import manifest as m
from featdsl.ir.program import Meta

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[^a-z])")


def note_of(meta: Meta) -> m.Note:
    return m.Note(
        doc=meta.doc,
        summary=first_sentence(meta.doc),
        owner=meta.owner,
        tags=meta.tags,
        notes=meta.notes,
        deprecated=meta.deprecated,
        private=meta.private,
        version=meta.version,
        uri=meta.uri,
        was=meta.was,
        format=meta.format,
        domain=meta.domain,
        attributes={**meta.own},
    )


def inherited(note: m.Note, group: Meta) -> m.Note:
    """A feature's note, with its group's owner and tags where those apply."""
    tags = tuple(dict.fromkeys((*group.tags, *note.tags)))
    return note.model_copy(update={"owner": note.owner or group.owner, "tags": tags})


def first_sentence(doc: str | None) -> str | None:
    """The first sentence of a doc comment, on one line; the whole first paragraph if it is one."""
    if doc is None or not doc.strip():
        return None
    paragraph = re.split(r"\n\s*\n", doc.strip(), maxsplit=1)[0]
    return _SENTENCE_END.split(" ".join(paragraph.split()), maxsplit=1)[0]
