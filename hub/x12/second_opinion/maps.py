"""pyx12 map directories, made from the grammar tables.

They are made at first use and not kept in the package (docs/decisions/0003-pyx12-maps.md). One set takes well under a
second and is then held in memory. `write_directory` makes a whole directory for pyx12's own programs (``x12valid``,
``x12html``).

What the format asks (found by experiment with pyx12 4.0.0): the first child of a loop has the lowest ``pos`` and is
its trigger; code lists are external, since an inline list at element 01 decides whether a segment matches at all; loop
names are no segment names, since counters are kept by path; lengths and types come by element number, from
``dataele.xml``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element as Node
from xml.etree.ElementTree import SubElement, tostring

from pyx12.map_if import load_map_file
from pyx12.params import ParamsBase

from hub.x12 import grammar
from hub.x12.elements import Cell, Element, Segment

__all__ = ["INTERCHANGE_VERSIONS", "control_map", "set_map", "write_directory"]

INTERCHANGE_VERSIONS = {"004010": "00401", "005010": "00501"}
"""ISA12 of each release; pyx12 reads no other."""
_SUFFIXES = {"004010": ("004010", "004010VICS", "004010UCS"), "005010": ("005010", "005010VICS", "005010UCS")}
_NO_LIMIT = ">1"
_CONTROL_FILE = "x12.control.{}.xml"


@cache
def set_map(release: str, document: str) -> Any:
    """pyx12's map of one set, loaded and shared; it is only read. Raises KeyError where there is no table."""
    with tempfile.TemporaryDirectory(prefix="crossdock-maps-") as folder:
        write_directory(Path(folder), release, [document])
        return load_map_file(f"{document}.xml", ParamsBase(), folder)


@cache
def control_map(release: str) -> Any:
    """pyx12's map of the envelope alone."""
    with tempfile.TemporaryDirectory(prefix="crossdock-maps-") as folder:
        write_directory(Path(folder), release, [])
        return load_map_file(_CONTROL_FILE.format(INTERCHANGE_VERSIONS[release]), ParamsBase(), folder)


def write_directory(folder: Path, release: str, documents: Iterable[str] | None = None) -> None:
    """A complete pyx12 map directory for these sets of a release, all of them where none are named."""
    names = sorted(grammar.sets(release)) if documents is None else sorted(documents)
    used: dict[str, Element] = {}
    index = Node("maps")
    version = SubElement(index, "version", icvn=INTERCHANGE_VERSIONS[release])
    control = _CONTROL_FILE.format(INTERCHANGE_VERSIONS[release])
    SubElement(version, "map", vriic="", fic="", abbr="X12").text = control
    _save(folder / control, _transaction(release, None, used))
    for name in names:
        table = grammar.load(release, name)
        _save(folder / f"{name}.xml", _transaction(release, table, used))
        for vriic in ("005010X231A1",) if name == "999" else _SUFFIXES[release]:
            SubElement(version, "map", vriic=vriic, fic=table.group, abbr=name).text = f"{name}.xml"
    _save(folder / "maps.xml", index)
    _save(folder / "dataele.xml", _dictionary(used.values()))
    _save(folder / "codes.xml", _codes(used.values()))


def _save(path: Path, node: Node) -> None:
    path.write_bytes(tostring(node, encoding="utf-8"))


def _transaction(release: str, table: grammar.Grammar | None, used: dict[str, Element]) -> Node:
    """A set inside ISA, GS and ST loops, as pyx12 wants each map to be; without a table, the envelope alone."""
    known = grammar.segments(release)
    document = table.document if table else "X12"
    root = Node("transaction", xid=document, name=document)
    isa = _loop(root, "ISA_LOOP", 10, _NO_LIMIT, required=True)
    envelope = _segment(isa, known["ISA"], 10, 1, used, required=True)
    envelope.set("end_tag", "IEA")
    version = envelope.findall("element")[11]
    for old in version.findall("valid_codes"):
        version.remove(old)
    SubElement(SubElement(version, "valid_codes"), "code").text = INTERCHANGE_VERSIONS[release]
    gs = _loop(isa, "GS_LOOP", 30, _NO_LIMIT, required=False)
    _segment(isa, known["TA1"], 20, 0, used, required=False)
    _segment(isa, known["IEA"], 40, 1, used, required=True)
    _segment(gs, known["GS"], 10, 1, used, required=True).set("end_tag", "GE")
    st = _loop(gs, "ST_LOOP", 20, _NO_LIMIT, required=True)
    _segment(gs, known["GE"], 30, 1, used, required=True)
    if table:
        _grow(st, table.root, used)
    else:
        _segment(st, known["ST"], 10, 1, used, required=True)
        _segment(st, known["SE"], 20, 1, used, required=True)
    return root


def _grow(parent: Node, loop: grammar.Loop, used: dict[str, Element]) -> None:
    names: dict[str, int] = {}
    for order, item in enumerate(loop.items, 1):
        position = order * 10
        if isinstance(item, grammar.Loop):
            count = names[item.name] = names.get(item.name, 0) + 1
            name = f"{item.name}_LOOP" if count == 1 else f"{item.name}_{count}_LOOP"
            child = _loop(parent, name, position, str(item.maximum or _NO_LIMIT), required=item.required)
            _grow(child, item, used)
        else:
            _segment(parent, item.segment, position, item.maximum, used, required=item.required)


def _loop(parent: Node, name: str, position: int, repeat: str, *, required: bool) -> Node:
    return SubElement(
        parent, "loop", xid=name, name=name, usage="R" if required else "S", pos=str(position), repeat=repeat
    )


def _segment(
    parent: Node, segment: Segment, position: int, maximum: int, used: dict[str, Element], *, required: bool
) -> Node:
    node = SubElement(
        parent,
        "segment",
        xid=segment.tag,
        name=segment.name,
        usage="R" if required else "S",
        pos=str(position),
        max_use=str(maximum or _NO_LIMIT),
    )
    for note in segment.notes:
        SubElement(node, "syntax").text = str(note)
    for sequence, cell in enumerate(segment.cells, 1):
        _cell(node, cell, f"{segment.tag}{sequence:02d}", sequence, used)
    return node


def _cell(parent: Node, cell: Cell, name: str, sequence: int, used: dict[str, Element]) -> None:
    facts = {
        "xid": name,
        "data_ele": cell.number,
        "name": name,
        "usage": "R" if cell.required else "S",
        "seq": f"{sequence:02d}",
    }
    if cell.element is None:
        composite = SubElement(parent, "composite", {**facts, "repeat": str(cell.repeat)})
        for number, part in enumerate(cell.parts, 1):
            _cell(composite, part, f"{name}-{number:02d}", number, used)
        return
    used[cell.number] = cell.element
    node = SubElement(parent, "element", facts)
    if cell.element.codes:
        SubElement(node, "valid_codes", external=cell.number)


def _dictionary(elements: Iterable[Element]) -> Node:
    root = Node("dataele")
    for element in elements:
        SubElement(
            root,
            "data_ele",
            ele_num=element.number,
            data_type=element.kind,
            min_len=str(element.low),
            max_len=str(element.high),
            name=element.name,
        )
    return root


def _codes(elements: Iterable[Element]) -> Node:
    root = Node("codes")
    for element in elements:
        if element.codes:
            codeset = SubElement(root, "codeset")
            SubElement(codeset, "id").text = element.number
            SubElement(codeset, "name").text = element.name
            SubElement(codeset, "data_ele").text = element.number
            version = SubElement(codeset, "version")
            for code in sorted(element.codes):
                SubElement(version, "code").text = code
    return root
