"""What every public function of `helpers.rates` does with its input and its output.

Arrays, Series or scalars go in, one DataFrame comes out: a row per input, columns `value low high method
status`. Missing input gives a row that says `missing`, impossible input one that says `invalid`; neither
gives a number.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.errors import InputError

OK, MISSING, INVALID, REFUSED = "ok", "missing", "invalid", "refused"


def confidence_level(confidence: float) -> float:
    """The confidence as a proportion: 0.95 and 95 are the same; 1 and 100 are certainty.

    Raises InputError for anything that is neither (0, a negative number, 30, text, an array).

    >>> confidence_level(99.8)
    0.998
    """
    way_out = f"confidence is {confidence!r}: give one number such as 0.95 or 95"
    if isinstance(confidence, bool | str) or np.ndim(confidence):
        raise InputError(f"{way_out}.")
    try:
        level = float(confidence)
    except (TypeError, ValueError) as error:
        raise InputError(f"{way_out}.") from error
    if 50 <= level <= 100:
        level = level / 100
    if not 0 < level <= 1:
        raise InputError(f"{way_out}, between 0 and 1 or from 50 to 100.")
    return level


def positive_number(name: str, value: float) -> float:
    """A multiplier or the like: one finite number above zero, else InputError."""
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is {value!r}: give one number above zero, such as 1000.") from error
    if not 0 < number < np.inf:
        raise InputError(f"{name} is {value!r}: give one number above zero, such as 1000.")
    return number


def one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """A method by name; capitals, blanks and underscores do not matter ("Clopper_Pearson")."""
    wanted = str(value).strip().lower().replace("_", "-").replace(" ", "-")
    if wanted not in allowed:
        raise InputError(f"{name} is {value!r}: it can be {', '.join(allowed)}.")
    return wanted


def as_numbers(name: str, values) -> np.ndarray:
    """One input as floats: a missing entry (None, NaN, pd.NA, an empty text) becomes NaN.

    Raises InputError for text that is no number and for more than one dimension.
    """
    if np.ndim(values) > 1:
        raise InputError(f"{name} has {np.ndim(values)} dimensions: give one number or one row of numbers.")
    column = values if isinstance(values, pd.Series) else pd.Series(np.atleast_1d(np.asarray(values, dtype=object)))
    if not pd.api.types.is_numeric_dtype(column.dtype):
        text = column.astype(object)
        column = text.where(~text.isin([""]), None)
    try:
        return pd.to_numeric(column, errors="raise").to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} holds something that is no number: {error}.") from error


def broadcast(columns: Mapping[str, np.ndarray], index: pd.Index | None = None) -> tuple[dict[str, np.ndarray], pd.Index]:
    """Columns of one length: single values are repeated; any other mismatch raises InputError."""
    lengths = {name: len(column) for name, column in columns.items()}
    rows = next((length for length in lengths.values() if length != 1), 1)
    if index is not None and len(index) != 1:
        rows = len(index)
    if any(length not in (1, rows) for length in lengths.values()):
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise InputError(f"the inputs differ in length ({told}): give arrays of one length, or single numbers.")
    wide = {name: column if len(column) == rows else np.repeat(column, rows) for name, column in columns.items()}
    return wide, index if index is not None and len(index) == rows else pd.RangeIndex(rows)


def shared_index(inputs: Mapping[str, object]) -> pd.Index | None:
    """The row labels of the Series among the inputs; InputError when two of them differ."""
    indexes = [value.index for value in inputs.values() if isinstance(value, pd.Series) and len(value) != 1]
    indexes = indexes or [value.index for value in inputs.values() if isinstance(value, pd.Series)]
    if any(not index.equals(indexes[0]) for index in indexes[1:]):
        raise InputError(f"the Series {', '.join(inputs)} have different row labels: align them first.")
    return indexes[0] if indexes else None


def aligned(**inputs) -> tuple[dict[str, np.ndarray], pd.Index]:
    """Inputs by name as float arrays of one length, and the row labels of the result."""
    return broadcast({name: as_numbers(name, value) for name, value in inputs.items()}, shared_index(inputs))


def statuses(missing: np.ndarray, invalid: np.ndarray) -> np.ndarray:
    """`missing` before `invalid` before `ok`, row by row."""
    return np.select([missing, invalid], [MISSING, INVALID], OK).astype(object)


def result(index: pd.Index, status: np.ndarray, *, value, low, high, method, **more) -> pd.DataFrame:
    """The frame every public function gives back; figures of rows that are not `ok` are blanked."""
    good = status == OK
    figures = {name: np.where(good, column, np.nan) for name, column in {"value": value, "low": low, "high": high}.items()}
    methods = np.broadcast_to(np.asarray(method, dtype=object), status.shape)
    frame = pd.DataFrame({**figures, "method": methods, "status": status}, index=index)
    return frame.assign(**more) if more else frame


def require_valid(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame itself, or InputError when a row is `invalid`: for those who want a stop, not a status.

    >>> from helpers.rates import rate_interval
    >>> require_valid(rate_interval(-1, 100))
    Traceback (most recent call last):
    helpers.errors.InputError: 1 of 1 rows cannot be right (first: row 0): a count is negative or above its total, ...
    """
    wrong = frame.index[frame["status"] == INVALID]
    if len(wrong):
        raise InputError(
            f"{len(wrong)} of {len(frame)} rows cannot be right (first: row {wrong[0]}): a count is negative or above "
            "its total, a denominator is not above zero, or a figure is infinite. Correct the input or drop the row."
        )
    return frame
