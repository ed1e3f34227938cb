"""A contradiction judged: which figure is in question, what it should be, which slip would explain it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf

from helpers.audit.figures import Figure
from helpers.audit.localise import Domains, localise, without
from helpers.audit.localise import core as find_core
from helpers.audit.repairs import Repair, find_exchange, find_repair
from helpers.audit.verdicts import Verdict, centre
from helpers.catalogue import indicators
from helpers.identities import Key, System, identities
from helpers.identities.propagate import Domain

# Floating point rounded outward and exact fractions give the same range to within this.
_SAME = 1e-6
_WHOLE = 100


def _is_rounded(figure: Figure) -> bool:
    return indicators()[figure.code].kind != "count" and figure.domain[0] != figure.domain[1]


def loose_digits(system: System, domains: Domains, figures: Mapping[Key, Figure],
                 among: Sequence[Key]) -> tuple[str, dict[Key, Domain]]:
    """The careless last digits that would settle it: how they came about, and the ranges then; ("", {}) where none would.

    One rate of the contradiction `among` is tried first, on its own and together with one of the contradiction
    that is left then; then all rates of the group, cut off.
    """
    rates = [figures[key] for key in domains if key in figures and _is_rounded(figures[key])]
    singles = [(name, {rate.key: domain}) for rate in rates for name, domain in _careless(rate, rates)]
    cut = {rate.key: domain for rate in rates for name, domain in rate.loosely() if name == "cut_off"}
    first = [(name, moved) for name, moved in singles if set(moved) <= set(among)]
    for name, moved in [*first, *([("cut_off", cut)] if len(cut) > 1 else [])]:
        if system.check({**domains, **moved}).feasible:
            return name, moved
    for name, moved in first:
        now = {**domains, **moved}
        if not system.check({key: now[key] for key in among if key in now}).feasible:
            continue
        left, _ = find_core(system, now)
        others = [other for _, other in singles if set(other) <= set(left) - set(moved)]
        if not set(moved) & set(left) and any(system.check({**now, **other}).feasible for other in others):
            return name, moved
    return "", {}


def _careless(rate: Figure, rates: Sequence[Figure]) -> Iterator[tuple[str, Domain]]:
    """What a rate may stand for if its last digit is careless, or moved so that the shares of a whole add up to 100.

    "一孩率58.06%、二孩率39.79%、多孩率2.15%" of 1408, 965 and 52 in 2,425.
    """
    yield from rate.loosely()
    shares = [one for one in rates if one.code == "order_rate" and set(one.dims) == {"order"}]
    if rate in shares and len(shares) > 1 and sum(map(centre, shares)) == _WHOLE:
        yield "sum_to_100", rate.within_a_unit()


def fault_verdict(system: System, domains: Domains, figures: Mapping[Key, Figure], first: tuple[Key, ...],
                  identity: str, apart: Domains | None = None) -> tuple[Verdict, set[Key]]:
    """The verdict on a contradiction with this core, and the figures to leave out before looking for the next."""
    fault = localise(system, domains, first, identity)
    single = [key for key in fault.single if key in figures]
    judged = domains
    repair = None
    for tried in () if single else (domains, apart):
        repair = repair or (find_exchange(system, tried, fault.core) if tried else None)
    if not single and not repair and fault.removals:
        # Several errors at once: take up the first with the others left out; the next round finds the next.
        among = [key for key in fault.removals[0] if key in first] or list(fault.removals[0])
        judged = without(domains, [key for key in fault.removals[0] if key != among[0]])
        single = among[:1]
    derived = [key for key in single if indicators()[key[0]].kind != "count"]
    # Of a share whose numerator is not printed (GRIM) some slip nearly always fits: none is named.
    unprinted = bool(derived) and not repair and not _numerator_stated(system, derived, judged)
    if not unprinted:
        repair = repair or find_repair(system, judged, figures, fault.core, single)
    suspect = _suspect(fault.core, single, repair)
    removed = {suspect} if suspect in single or repair else set(single or fault.core)
    worked = recomputed(system, judged, suspect, [key for key in fault.core if key in judged])
    kind = "arithmetic_error" if repair or (derived and not unprinted) else "impossible"
    rests_on = fault.core if unprinted or worked is None else (suspect, *basis(system, judged, suspect, fault.core, worked))
    named = tuple(figures[key] for key in figures if key in rests_on)
    beside = {*fault.core, repair.other if repair else None} - set(rests_on)
    verdict = Verdict(
        kind, {"arithmetic_error": 3, "impossible": 4}[kind], fault.identity, named, figures.get(suspect), worked,
        f"repair_{repair.kind}" if repair else "",
        {"repair": repair, "single": single, "unprinted": unprinted,
         "beside": tuple(figures[key] for key in figures if key in beside)},
    )
    return verdict, removed | ({repair.other} if repair and repair.other else set())


def _suspect(core: tuple[Key, ...], single: list[Key], repair: Repair | None) -> Key:
    """The figure to show beside its recomputation.

    The one repaired; else the most derived of those that alone would settle it (nir before cbr, a rate
    before its counts); of counts the undivided whole beside its parts, and of two the part beside the whole.
    """
    if repair:
        return repair.key
    codes = list(indicators())
    rank = {"ratio": 0, "share": 1, "rate": 2, "area": 3, "count": 4}
    derived = [key for key in single if rank[indicators()[key[0]].kind] < 3]
    if derived:
        return min(derived, key=lambda key: (rank[indicators()[key[0]].kind], len(key[1]), -codes.index(key[0])))
    if len(core) == 2:
        return max(core, key=lambda key: (len(key[1]), key[0] != "fd_population", codes.index(key[0])))
    return min(core, key=lambda key: (rank[indicators()[key[0]].kind], len(key[1]), codes.index(key[0])))


def _numerator_stated(system: System, derived: list[Key], domains: Domains) -> bool:
    """False for a percentage that no whole number gives (GRIM): there is nothing printed to recompute it from."""
    for key in derived:
        for equation in system.equations:
            if equation.form == "ratio" and equation.variables[0] == key:
                left = without(domains, [key])
                low, high = system.check(left).domains.get(equation.variables[1], (0, inf))
                if low == high:
                    return True
            elif equation.form == "sum" and key in equation.variables:
                return True
    return False


def recomputed(system: System, domains: Domains, suspect: Key, core: Iterable[Key]) -> Domain | None:
    """What the other figures say of the suspect: all of them, or those of the contradiction alone if they disagree."""
    for known in (domains, {key: domains[key] for key in core}):
        outcome = system.solve(without(known, [suspect]))
        if outcome.feasible and outcome.domains.get(suspect) not in (None, system.free.get(suspect)):
            return outcome.domains[suspect]
    return None


def basis(system: System, domains: Domains, suspect: Key, core: Iterable[Key], worked: Domain) -> tuple[Key, ...]:
    """The figures from which the recomputed value follows, none of which can be spared."""
    def gives(known: Iterable[Key]) -> bool:
        found = system.check({key: domains[key] for key in known}).domains.get(suspect, (-inf, inf))
        return all(one == other or abs(one - other) <= _SAME * max(1, abs(other)) for one, other in zip(found, worked, strict=True))

    kept = [key for key in core if key != suspect and key in domains]
    if gives(kept):
        return tuple(kept)
    kept = [key for key in domains if key != suspect]
    for key in sorted(kept, key=lambda key: (key in core, key)):
        if gives([other for other in kept if other != key]):
            kept.remove(key)
    return tuple(kept)


def identity_of(system: System, key: Key) -> str:
    """The identity a figure is the left side of."""
    for equation in system.equations:
        if equation.variables[0] == key and equation.identity in identities():
            return equation.identity
    return ""
