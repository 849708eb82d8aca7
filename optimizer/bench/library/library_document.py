"""The library of instances as its file has it: names, units and types of every key."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from optimizer.formats.document_types import Document, Whole

FORMAT: Literal["swapcharge-bench-library"] = "swapcharge-bench-library"


class FamilyDocument(Document, frozen=True, kw_only=True):
    """Instances of one kind on a ladder of sizes."""

    id: Annotated[str, Meta(description="name of the family", examples=["peaky-demand"])]
    purpose: Annotated[str, Meta(description="what it is to find out")]
    hard: Annotated[str, Meta(description="what makes it hard")]
    provenance: Annotated[str, Meta(description="where its numbers come from")]
    licence: Annotated[str, Meta(description="licence of its files")]


class GeneratedDocument(Document, frozen=True, kw_only=True):
    """How an instance that is not stored is made."""

    generator: Annotated[Literal["family", "depot"], Meta(description="which generator")]
    seed: Annotated[Whole, Meta(description="seed of its drawing")]
    packs: Annotated[Whole | None, Meta(description="packs; only of the depot generator")] = None
    ports: Annotated[Whole | None, Meta(description="ports; only of the depot generator")] = None


class EntryDocument(Document, frozen=True, kw_only=True):
    """One instance. Its name is never given to another content: a change of an instance is a new name."""

    name: Annotated[str, Meta(description="name of the instance", examples=["peaky-demand-m-1"])]
    family: Annotated[str, Meta(description="id of its family")]
    size: Annotated[str, Meta(description="step of the family's ladder", examples=["m"])]
    hash: Annotated[str, Meta(description="sha256 over all that the instance says")]
    packs: Annotated[Whole, Meta(description="packs in the station")]
    slots: Annotated[Whole, Meta(description="slots of the horizon")]
    swaps: Annotated[Whole, Meta(description="swaps asked for")]
    file: Annotated[str | None, Meta(description="instance file, seen from the library's folder")] = None
    generated: Annotated[GeneratedDocument | None, Meta(description="in place of a file: how it is made")] = None


class SuiteDocument(Document, frozen=True, kw_only=True):
    """Instances that are run together."""

    id: Annotated[str, Meta(description="name of the suite", examples=["library"])]
    purpose: Annotated[str, Meta(description="what it is run for")]
    instances: Annotated[tuple[str, ...], Meta(description="names of its instances")]


class LibraryDocument(Document, frozen=True, kw_only=True):
    """A library file."""

    format: Annotated[Literal["swapcharge-bench-library"], Meta(description='the text "swapcharge-bench-library"')]
    version: Annotated[Literal[1], Meta(description="version of the format")]
    families: Annotated[tuple[FamilyDocument, ...], Meta(description="the families")]
    instances: Annotated[tuple[EntryDocument, ...], Meta(description="the instances")]
    suites: Annotated[tuple[SuiteDocument, ...], Meta(description="the suites")]
