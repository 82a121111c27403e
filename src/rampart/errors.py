"""The errors that a person can mend: each names the place, the value and what was wanted."""


class RampartError(Exception):
    """Root of every error that Rampart raises on purpose; its text is one line for a person.

    `exit_status` is what the command line returns: 2 for wrong usage or bad input, 1 for the rest.
    """

    exit_status = 1


class InputError(RampartError):
    """Bad input: `where` is the file and the place in it, `value` what stood there, `wanted` what should.

    The text reads `WHERE: VALUE: wanted WANTED`; leave `value` out where nothing stood there.
    """

    exit_status = 2

    def __init__(self, where: str, wanted: str, value: object | None = None):
        self.where, self.wanted, self.value = where, wanted, value
        stood = "" if value is None else f"{value!r}: "
        super().__init__(f"{where}: {stood}wanted {wanted}")


class ConfigError(InputError):
    """A wrong or unknown key in a TOML or GeoJSON file."""


class RecordingError(InputError):
    """A recording that cannot be read at all; a bad part of a readable one is a counted reject instead."""


class ReachError(InputError):
    """An aim that the weapon cannot reach."""


class OutputError(InputError):
    """A folder or file that exists already or cannot be written."""


class JournalError(RampartError):
    """A journal that cannot be opened, is torn, or was written by another version."""


class LedgerError(RampartError):
    """A ledger that cannot be opened, is torn, or was written by a later version."""


class AlertError(RampartError):
    """An alert that must not go out, or must not be believed: without an area, unsigned, spoiled, foreign."""


class ChannelError(RampartError):
    """A channel that did not take an alert; `for_good` where another attempt cannot help."""

    def __init__(self, text: str, for_good: bool = False):
        self.for_good = for_good
        super().__init__(text)


class FaultError(RampartError):
    """A live run that ended, in which something failed that people relied on."""


class RequestError(RampartError):
    """An operator's request that must not be acted on: forged, expired, replayed, of another mode, or of one person."""
