"""The bytes are CAT015 edition 1.2: libasterix writes the same, and the way through them loses nothing."""

import numpy as np
import pytest
from asterix import generated

from rampart.domain.scan import Plots
from rampart.sense.recordings import scan_of
from rampart.simulate.encode import encode_look, quantise
from rampart.simulate.look import RadarLook
from tests.sites import make_site

CATEGORY = generated.Cat_015_1_2
START_S = 1605632700.0


def random_look(n: int, seed: int) -> RadarLook:
    rng = np.random.default_rng(seed)
    low, high = [300.0, 0.0, 0.0, -600.0], [30000.0, 2.0 * np.pi, 1.2, 600.0]
    measurement = rng.uniform(low, high, (n, 4))
    measurement[rng.random(n) < 0.2, 3] = np.nan
    measurement[rng.random(n) < 0.1, 2] = np.nan
    sigma = np.tile([15.0, 2e-3, 2e-3, 1.0], (n, 1))
    snr_db = np.where(rng.random(n) < 0.5, rng.integers(-5, 60, n), np.nan)
    plots = Plots(np.full(n, START_S + 0.1875), np.zeros(n, np.int64), measurement, sigma, snr_db)
    return RadarLook(0, START_S + 0.1875, plots, np.full(n, -1))


def oracle(look: RadarLook, site) -> bytes:
    """Write the same look with libasterix, item by item."""
    records = []
    radar = site.radars[look.radar]
    q = quantise(look.plots)
    for row in range(len(q)):
        r, az, el, rate = q.measurement[row]
        items = {
            "010": (("SAC", radar.sac), ("SIC", radar.sic)),
            "000": (("MT", 3), ("RG", 0)),
            "020": ((("MOMU", 0), ("TTAX", 3), ("SCD", 0), 0, None),),
            "145": round(q.time_s[row] % 86400.0 * 128.0),
            "625": {"R": round(r * 10), "SDR": round(q.sigma[row, 0] * 10)},
            "627": {
                "AZ": round(np.degrees(az) * 65536 / 360) % 65536,
                "SDASZ": round(np.degrees(q.sigma[row, 1]) * 65536 / 45),
            },
        }
        if np.isfinite(rate):
            items["626"] = {"DV": round(rate * 100) % (1 << 24), "SDDV": round(q.sigma[row, 3] * 64)}
        if np.isfinite(el):
            items["628"] = {
                "EL": round(np.degrees(el) * 65536 / 180) % 65536,
                "SDEL": round(np.degrees(q.sigma[row, 2]) * 65536 / 45),
            }
        if np.isfinite(q.snr_db[row]):
            items["630"] = {"DPS": round(q.snr_db[row]) % 256}
        records.append(CATEGORY.cv_record.create(items))
    return CATEGORY.create(records).unparse().to_bytes()


@pytest.mark.parametrize("seed", range(5))
def test_the_bytes_are_those_of_libasterix(seed):
    look, site = random_look(20, seed), make_site()
    assert encode_look(look, site).hex() == oracle(look, site).hex()


@pytest.mark.parametrize("n", [0, 1, 50, 3000])
def test_the_way_through_the_bytes_only_quantises(n):
    look, site = random_look(n, 7), make_site()
    scan = scan_of("asterix", encode_look(look, site), look.time_s, site)
    expected = quantise(look.plots)
    assert scan.rejects == ()
    assert scan.heard == (0,)
    np.testing.assert_allclose(scan.plots.measurement, expected.measurement, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(scan.plots.time_s, expected.time_s)
    np.testing.assert_array_equal(scan.plots.snr_db, expected.snr_db)


def test_a_time_that_rounds_up_to_midnight_is_the_day_s_first():
    site = make_site()
    look = random_look(1, 3)
    late = Plots(
        np.array([86399.999]), look.plots.radar, look.plots.measurement, look.plots.sigma, look.plots.snr_db
    )
    scan = scan_of("asterix", encode_look(RadarLook(0, 86399.999, late, look.origin), site), 86399.999, site)
    assert scan.plots.time_s[0] == 86400.0
