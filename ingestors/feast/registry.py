"""The facts of one project in a registry: views with their features and sources, services with what they select."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from catalog.model.edges import ComputedFrom, DependsOn, OwnedBy, PartOf, Selects
from catalog.model.facts import Fact, Origin, Skip
from catalog.model.names import Urn, column, fold
from catalog.model.nodes import Dataset, Feature, FeatureService, FeatureView
from ingestors.feast.sources import ViewSource, source_of
from ingestors.naming import agent
from ingestors.values import capped, items, mapping, mappings, text, without_users

VIEWS: Final = ("featureViews", "streamFeatureViews", "labelViews", "onDemandFeatureViews")
SECTIONS: Final = (*VIEWS, "featureServices", "entities", "dataSources")
_DUMMY: Final = "__dummy"
_CODE_CHARS: Final = 100_000


class Registry:
    """One project of a registry in its JSON form."""

    def __init__(self, said: Mapping[str, Any], label: str, namespace: str, namespaces: Mapping[str, str]) -> None:
        self._said, self._label = said, label
        self._namespace, self._namespaces = namespace, namespaces

    def facts(self) -> Iterator[Fact | Skip]:
        """Yields views, then services, as the registry lists them."""
        for section in VIEWS:
            for number, entry in enumerate(mappings(self._said.get(section))):
                origin = Origin(self._label, f"/{section}/{number}")
                spec = mapping(entry.get("spec"))
                if text(spec.get("name")) is None:
                    yield Skip("unreadable", f"a view of {section!r} has no name", origin)
                else:
                    yield from self._view(spec, origin)
        for number, entry in enumerate(mappings(self._said.get("featureServices"))):
            origin = Origin(self._label, f"/featureServices/{number}")
            spec = mapping(entry.get("spec"))
            if text(spec.get("name")) is None:
                yield Skip("unreadable", "a feature service has no name", origin)
            else:
                yield from self._service(spec, origin)

    # --- views ------------------------------------------------------------------------------------------------------

    def _view(self, spec: dict[str, Any], origin: Origin) -> Iterator[Fact | Skip]:
        source = self._source(spec)
        tags, _ = capped(mapping(spec.get("tags")))
        view = FeatureView(
            namespace=self._namespace,
            name=str(spec["name"]),
            ttl=text(spec.get("ttl")),
            online=spec["online"] if isinstance(spec.get("online"), bool) else None,
            source=source.written if source else None,
            timestamp_field=text(mapping(spec.get("batchSource")).get("timestampField")),
            entities=[name for name in map(str, items(spec.get("entities"))) if name != _DUMMY] or None,
            definition=_code(spec),
            description=text(spec.get("description")),
            owner=text(spec.get("owner")),
            meta=tags,
        )
        yield Fact(view, origin)
        if view.owner:
            yield from self._owned(view.urn, view.owner, origin)
        if source is not None:
            yield from self._stands_on(view.urn, source, origin)
        yield from self._given(spec, view.urn, origin)
        for said in mappings(spec.get("features")):
            yield from self._feature(view, said, source, origin)

    def _source(self, spec: dict[str, Any]) -> ViewSource | None:
        said = mapping(spec.get("batchSource")) or mapping(spec.get("streamSource"))
        return source_of(said, self._namespace, self._namespaces) if said else None

    def _stands_on(self, view: Urn, source: ViewSource, origin: Origin) -> Iterator[Fact | Skip]:
        if source.data is None:
            yield Skip("unresolved", f"the source {(source.written or '')[:200]!r} names no data set", origin, (view,))
            return
        if source.stored is not None:
            yield Fact(DependsOn(start=view, end=source.stored), origin)
        if source.table is not None:
            said: dict[str, Any] = (
                {"exactness": "declared", "reason": f"the tag {source.tag!r} names it"} if source.tag else {}
            )
            yield Fact(DependsOn(start=source.stored or view, end=source.table, **said), origin)

    def _given(self, spec: dict[str, Any], view: Urn, origin: Origin) -> Iterator[Fact]:
        """What an on-demand view is given: other views, and values that come with a request."""
        for name, said in sorted(mapping(spec.get("sources")).items()):
            given = mapping(said)
            request = mapping(given.get("requestDataSource"))
            inner = mapping(given.get("featureViewProjection")) or mapping(
                mapping(given.get("featureView")).get("spec")
            )
            if request:
                columns = [
                    text(c.get("name")) for c in mappings(mapping(request.get("requestDataOptions")).get("schema"))
                ]
                urn = Urn("dataset", (self._namespace, text(request.get("name")) or name))
                known = [c for c in columns if c is not None]
                yield Fact(
                    Dataset(namespace=urn.parts[0], name=urn.parts[1], type="request", columns=known or None), origin
                )
                yield Fact(DependsOn(start=view, end=urn), origin)
            elif source := text(inner.get("featureViewName")) or text(inner.get("name")):
                yield Fact(DependsOn(start=view, end=Urn("featureview", (self._namespace, source))), origin)

    def _feature(
        self, view: FeatureView, said: dict[str, Any], source: ViewSource | None, origin: Origin
    ) -> Iterator[Fact | Skip]:
        name = text(said.get("name"))
        if name is None:
            yield Skip("unreadable", f"a feature of {view.name!r} has no name", origin, (view.urn,))
            return
        tags, _ = capped(mapping(said.get("tags")))
        feature = Feature(
            namespace=self._namespace,
            name=view.name,
            feature=name,
            data_type=text(said.get("valueType")),
            description=text(said.get("description")),
            meta=tags,
        )
        yield Fact(feature, origin)
        yield Fact(PartOf(start=feature.urn, end=view.urn), origin)
        if source is not None and source.data is not None:
            written = source.columns.get(name, name)
            kept = fold(source.table.namespace, written) if source.table is not None else written
            end = column(source.data, kept)
            why: dict[str, Any] = (
                {"reason": f"the table that the tag {source.tag!r} names has it by name"} if source.tag else {}
            )
            yield Fact(
                ComputedFrom(start=feature.urn, end=end, subtype="identity", exactness="declared", **why), origin
            )

    # --- services ---------------------------------------------------------------------------------------------------

    def _service(self, spec: dict[str, Any], origin: Origin) -> Iterator[Fact]:
        tags, _ = capped(mapping(spec.get("tags")))
        taken = [
            (view, name)
            for projection in mappings(spec.get("features"))
            if (view := text(projection.get("featureViewName")))
            for said in mappings(projection.get("featureColumns"))
            if (name := text(said.get("name")))
        ]
        service = FeatureService(
            namespace=self._namespace,
            name=str(spec["name"]),
            features=[f"{view}#{name}" for view, name in taken] or None,
            description=text(spec.get("description")),
            owner=text(spec.get("owner")),
            meta=tags,
        )
        yield Fact(service, origin)
        if service.owner:
            yield from self._owned(service.urn, service.owner, origin)
        for view in dict.fromkeys(view for view, _ in taken):
            yield Fact(Selects(start=service.urn, end=Urn("featureview", (self._namespace, view))), origin)
        for view, name in dict.fromkeys(taken):
            yield Fact(Selects(start=service.urn, end=Urn("feature", (self._namespace, view, name))), origin)

    def _owned(self, start: Urn, owner: str, origin: Origin) -> Iterator[Fact]:
        node = agent(owner)
        if node.name:
            yield Fact(node, origin)
            yield Fact(OwnedBy(start=start, end=node.urn, role="owner"), origin)


def _code(spec: dict[str, Any]) -> str | None:
    """Returns the text of a transformation; its pickled form is never looked at."""
    function = mapping(mapping(spec.get("featureTransformation")).get("userDefinedFunction"))
    body = text(function.get("bodyText")) or text(mapping(spec.get("userDefinedFunction")).get("bodyText"))
    return None if body is None else without_users(body[:_CODE_CHARS])


def projects_of(said: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Parts a registry by project; its JSON form is of one, the file may hold several."""
    whole = text(said.get("project"))
    found: dict[str, dict[str, Any]] = {}
    for entry in mappings(said.get("projects")):
        if name := text(mapping(entry.get("spec")).get("name")):
            found[name] = {}
    for section in SECTIONS:
        for entry in mappings(said.get(section)):
            own = text(mapping(entry.get("spec")).get("project")) or text(entry.get("project"))
            name = whole or own or ""
            found.setdefault(name, {}).setdefault(section, []).append(entry)
    if whole is not None:
        found.setdefault(whole, {})
    return found
