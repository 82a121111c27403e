"""Numbers, times and names out of CSV text, compiled: a million rows in a second."""

import numpy as np

from rampart.numerics.jit import kernel

READ, EMPTY, NO_NUMBER, NO_TIME, MANY_COLUMNS, FEW_COLUMNS = range(6)
"""How the reading of a field or a row ends."""

COMMA, NEW_LINE, RETURN, SPACE, TAB, QUOTE = 44, 10, 13, 32, 9, 34
DASH, PLUS, POINT, COLON, ZERO, NINE = 45, 43, 46, 58, 48, 57
EXPONENT, TEE, ZED, LOWER_CASE = 101, 116, 122, 32
TEN_TO = 10.0 ** np.arange(23)
"""The powers of ten that a float holds exactly."""
MOST_DIGITS = 18
NAN_TEXT = np.frombuffer(b"nan", np.uint8)
INF_TEXT = np.frombuffer(b"inf", np.uint8)
INFINITY_TEXT = np.frombuffer(b"infinity", np.uint8)


@kernel
def line_end(text, start, end):
    """Return where the line that starts at `start` ends: at its line feed or the text's end."""
    at = start
    while at < end and text[at] != NEW_LINE:
        at += 1
    return at


@kernel
def field_end(text, start, end):
    """Return where the field that starts at `start` ends: at its comma or the line's end."""
    at = start
    while at < end and text[at] != COMMA:
        at += 1
    return at


@kernel
def trimmed(text, start, end):
    """Return (start, end) of a field without blanks around it and one pair of quotes."""
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    if end - start >= 2 and text[start] == QUOTE and text[end - 1] == QUOTE:
        return start + 1, end - 1
    return start, end


@kernel
def number_of(text, start, end):
    """Return (value, status) of a decimal number to within a float's last place; NaN for an empty field."""
    if start == end:
        return np.nan, EMPTY
    sign = -1.0 if text[start] == DASH else 1.0
    at = start + 1 if text[start] in (DASH, PLUS) else start
    mantissa, digits, exponent, after_point = 0, 0, 0, False
    first = at
    while at < end and (_is_digit(text[at]) or (text[at] == POINT and not after_point)):
        if text[at] == POINT:
            after_point = True
        elif digits < MOST_DIGITS:
            mantissa = mantissa * 10 + _digit(text, at)
            digits += 1 if mantissa else 0
            exponent -= 1 if after_point else 0
        else:
            exponent += 0 if after_point else 1
        at += 1
    if at - first - (1 if after_point else 0) == 0:
        return _word(text, first, end, sign)
    if at < end:
        if text[at] | LOWER_CASE != EXPONENT:
            return np.nan, NO_NUMBER
        power, read = _integer(text, at + 1, end)
        if not read:
            return np.nan, NO_NUMBER
        exponent += power
    return sign * _scaled(mantissa, exponent), READ


@kernel
def time_of(text, start, end):
    """Return (POSIX seconds, status) of `2020-11-17T17:05:03.250Z`: any offset, UTC without one.

    Digits below a microsecond are dropped, so that the value is that of `domain.wire.posix_time`.
    """
    if end - start < 16 or text[start + 4] != DASH or text[start + 7] != DASH or text[start + 13] != COLON:
        return np.nan, NO_TIME
    if text[start + 10] | LOWER_CASE != TEE and text[start + 10] != SPACE:
        return np.nan, NO_TIME
    year, month, day = _digits(text, start, 4), _digits(text, start + 5, 2), _digits(text, start + 8, 2)
    hour, minute = _digits(text, start + 11, 2), _digits(text, start + 14, 2)
    at, second = start + 16, 0
    if at < end and text[at] == COLON:
        if at + 3 > end:
            return np.nan, NO_TIME
        second = _digits(text, at + 1, 2)
        at += 3
    micro = 0
    if at < end and text[at] == POINT:
        at, micro = _fraction(text, at + 1, end)
    offset_s, read = _offset(text, at, end)
    if not read or year < 1 or not 1 <= month <= 12 or not 1 <= day <= _month_days(year, month):
        return np.nan, NO_TIME
    if not 0 <= hour < 24 or not 0 <= minute < 60 or not 0 <= second <= 60 or micro < 0:
        return np.nan, NO_TIME
    whole_s = _days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset_s
    return (whole_s * 1000000 + micro) / 1e6, READ


@kernel
def name_of(text, start, end, names, lengths):
    """Return the row of `names (n, longest)`, of the given lengths, that the text is; -1 for none."""
    for row in range(names.shape[0]):
        if lengths[row] == end - start and same_text(text, start, names[row], end - start):
            return row
    return -1


@kernel
def same_text(text, start, other, length):
    """Return whether `length` octets of the text are those of `other`."""
    k = 0
    while k < length and text[start + k] == other[k]:
        k += 1
    return k == length


@kernel
def hash_of(text, start, end):
    """Return a positive number that stands for the text (FNV-1a)."""
    value = 2166136261
    for at in range(start, end):
        value = ((value ^ (_digit(text, at) + ZERO)) * 16777619) & 0xFFFFFFFF
    return value + 1


@kernel
def _is_blank(octet):
    return octet in (SPACE, TAB, RETURN)


@kernel
def _is_digit(octet):
    return ZERO <= octet <= NINE


@kernel
def _digit(text, at):
    # unsigned of 8 bits it would overflow, and with signed numbers make a float
    return np.int64(text[at]) - ZERO


@kernel
def _digits(text, start, count):
    """Return the number of exactly `count` digits; -1 where one is none."""
    value = 0
    for k in range(count):
        if not _is_digit(text[start + k]):
            return -1
        value = value * 10 + _digit(text, start + k)
    return value


@kernel
def _integer(text, start, end):
    """Return (value, whether it was read) of a signed integer, no larger than 400."""
    at = start + 1 if start < end and text[start] in (DASH, PLUS) else start
    if at == end:
        return 0, False
    value = 0
    for k in range(at, end):
        if not _is_digit(text[k]):
            return 0, False
        value = min(400, value * 10 + _digit(text, k))
    return (-value if text[start] == DASH else value), True


@kernel
def _scaled(mantissa, exponent):
    """Return mantissa 10^exponent: exact to one rounding where both are floats."""
    value = float(mantissa)
    while exponent > 22 and np.isfinite(value) and value != 0.0:
        value, exponent = value * 1e22, exponent - 22
    while exponent < -22 and value != 0.0:
        value, exponent = value / 1e22, exponent + 22
    if value == 0.0 or not np.isfinite(value):
        return value
    return value * TEN_TO[exponent] if exponent >= 0 else value / TEN_TO[-exponent]


@kernel
def _word(text, start, end, sign):
    """Return (value, status) of `nan` or `inf`, which are numbers of a kind, refused and counted later."""
    if _is_word(text, start, end, NAN_TEXT):
        return np.nan, READ
    if _is_word(text, start, end, INF_TEXT) or _is_word(text, start, end, INFINITY_TEXT):
        return sign * np.inf, READ
    return np.nan, NO_NUMBER


@kernel
def _is_word(text, start, end, word):
    """Return whether the text is a word in any case."""
    k, length = 0, len(word)
    while k < length and start + k < end and text[start + k] | LOWER_CASE == word[k]:
        k += 1
    return k == length and end - start == length


@kernel
def _fraction(text, start, end):
    """Return (end, microseconds) of the digits after a decimal point; -1 where there are none."""
    at, micro, scale = start, 0, 100000
    while at < end and _is_digit(text[at]):
        micro += _digit(text, at) * scale
        scale //= 10
        at += 1
    return at, (micro if at > start else -1)


@kernel
def _offset(text, start, end):
    """Return (seconds east of UTC, whether it was read) of nothing, `Z`, `+03:00`, `+0300` or `+03`."""
    if start == end or (end - start == 1 and text[start] | LOWER_CASE == ZED):
        return 0, True
    length = end - start
    if text[start] not in (DASH, PLUS) or length not in (3, 5, 6):
        return 0, False
    if length == 6 and text[start + 3] != COLON:
        return 0, False
    hours = _digits(text, start + 1, 2)
    minutes = _digits(text, end - 2, 2) if length > 3 else 0
    if not 0 <= hours < 24 or not 0 <= minutes < 60:
        return 0, False
    seconds = hours * 3600 + minutes * 60
    return (-seconds if text[start] == DASH else seconds), True


@kernel
def _days(year, month, day):
    """Return the days from 1970-01-01 to a date of the Gregorian calendar."""
    # the year runs from March, so that the leap day is its last
    march_year = year - (1 if month <= 2 else 0)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return 365 * march_year + march_year // 4 - march_year // 100 + march_year // 400 + day_of_year - 719468


@kernel
def _month_days(year, month):
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
