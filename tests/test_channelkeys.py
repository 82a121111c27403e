"""A wrong `[[channel]]` is one clear line; what is right opens nothing by being read."""

import shutil

import pytest

from rampart.channelkeys import CapKeys, MqttKeys, SirenKeys, kind_of, names_of
from rampart.config import read_channels, read_site
from rampart.errors import ConfigError
from rampart.runner import packaged_scenario

SITE = packaged_scenario("baghdad-2020-11-17").with_name("site.toml")


@pytest.fixture
def site_with(tmp_path):
    """Return what writes a site.toml with channels."""

    def write(*tables: str):
        shutil.copy(SITE.with_name("zones.geojson"), tmp_path)
        path = tmp_path / "site.toml"
        path.write_text(SITE.read_text() + "".join(f"\n[[channel]]\n{table}\n" for table in tables))
        return path

    return write


def test_channels_of_all_modes_are_read_and_named(site_with):
    path = site_with(
        'kind = "cap"',
        'kind = "mqtt"\nmode = "live"\nhost = "broker"',
        'kind = "siren"\nmode = "test"\nname = "roof"\nto = ["udp://127.0.0.1:9"]\nzones = ["green-zone"]',
    )
    cap, mqtt, siren = channels = read_channels(path)
    assert [type(keys) for keys in channels] == [CapKeys, MqttKeys, SirenKeys]
    assert names_of(channels) == ["cap", "mqtt-live", "roof"]
    assert (cap.mode, mqtt.port, siren.zones) == (None, 1883, ("green-zone",))
    assert kind_of(mqtt) == "mqtt"
    assert read_site(path).id == "baghdad"


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (['kind = "pigeon"'], r"channel\[0\]\.kind: 'pigeon': wanted one of cap, cot, mqtt"),
        (['mode = "test"'], r"channel\[0\]\.kind: wanted one of"),
        (['kind = "mqtt"\nmode = "live"\nhots = "h"'], r"channel\[0\]\.hots: 'h': wanted .*did you mean host"),
        (['kind = "mqtt"\nhost = "h"'], r"channel\[0\]\.mode: wanted this key, which is missing"),
        (['kind = "cot"\nmode = "real"\nto = "tcp://h:1"'], r"channel\[0\]\.mode: 'real'"),
        (['kind = "mqtt"\nmode = "live"\nhost = "h"\nport = 70000'], r"channel\[0\]\.port: 70000: wanted"),
        (['kind = "mqtt"\nmode = "live"\nhost = "h"\npassword = "x"'], r"channel\[0\]\.password"),
        (['kind = "siren"\nmode = "live"\nto = []'], r"channel\[0\]\.to: \[\]: wanted"),
        (['kind = "cap"', 'kind = "cap"'], r"channel\[1\]\.name: 'cap': wanted a name that no other channel has"),
        (
            [f'kind = "webhook"\nmode = "{mode}"\nurl = "http://h/"' for mode in ("live", "test")],
            r"channel\[1\]: 'http://h/': wanted peers of its own: a channel of mode live has this one",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(site_with, tables, said):
    path = site_with(*tables)
    for read in (read_channels, read_site):
        with pytest.raises(ConfigError, match=said) as refused:
            read(path)
        assert "\n" not in str(refused.value)
