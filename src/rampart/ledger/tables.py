"""The ledger's tables: what only grows, and what is derived from it and can be made anew.

Every row names the act that brought it: an import, a correction, a merge, a claim, a withdrawal. Nothing that was
written is changed or deleted; triggers in the file itself forbid it. An act is in force unless an act in force
withdraws it. `current` holds the figures in force, one row an attack, for counting; `proposals` likely duplicates.
A later version of this file adds a step; the steps that an older ledger lacks are taken when it is opened.
"""

from rampart.record.schema import Layout

APPLICATION_ID = 0x52414D4C
"""`RAML`, in the file's own header."""

FIGURES = (
    "id",
    "day_first",
    "day_last",
    "cell",
    "place",
    "latitude_deg",
    "longitude_deg",
    "weapon",
    "family",
    "projectiles",
    "inside",
    "killed",
    "killed_low",
    "killed_high",
    "injured",
    "claimed_by",
    "source",
    "confidence",
    "stands_for",
    "by_state",
    "simulated",
    "digest",
)
"""The columns that `attacks` and `current` share.

Texts that many rows share are numbers of `names`; unknown is NULL; days count from 1970.
"""

_SHARED = """
    id TEXT NOT NULL, day_first INTEGER NOT NULL, day_last INTEGER NOT NULL, cell INTEGER,
    place INTEGER, latitude_deg REAL, longitude_deg REAL, weapon INTEGER, family INTEGER NOT NULL,
    projectiles INTEGER, inside INTEGER, killed INTEGER, killed_low INTEGER, killed_high INTEGER, injured INTEGER,
    claimed_by INTEGER, source TEXT, confidence INTEGER, stands_for INTEGER, by_state INTEGER NOT NULL,
    simulated INTEGER NOT NULL, digest BLOB NOT NULL
"""

_GROWS = [
    "acts",
    "names",
    "attacks",
    "corrections",
    "merges",
    "claims",
    "projectiles",
    "zones",
    "launch_areas",
    "alerts",
    "documents",
]

COUNTING = {
    "current_near": "(simulated, day_first, cell)",
    "current_day": "(simulated, day_last, day_first, stands_for, by_state, family)",
    "current_place": "(simulated, place)",
    "current_area": "(simulated, cell, place)",
    "current_weapon": "(simulated, family, projectiles)",
    "current_claimant": "(simulated, claimed_by)",
    "current_sums": "(simulated, projectiles, inside, killed, injured)",
}
"""The indexes that counting goes by; a large import takes them down and makes them anew within its own act."""

_INDEXES = "".join(f"CREATE INDEX {name} ON current {columns};\n" for name, columns in COUNTING.items())

VERSION_1 = f"""
CREATE TABLE acts (
    act INTEGER PRIMARY KEY, time TEXT NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL, digest TEXT NOT NULL,
    note TEXT NOT NULL, target INTEGER REFERENCES acts
);
CREATE TABLE names (name INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE attacks (
    attack INTEGER PRIMARY KEY, act INTEGER NOT NULL REFERENCES acts, row INTEGER, begun TEXT, ended TEXT,
    note TEXT, {_SHARED}
);
CREATE TABLE current (attack INTEGER PRIMARY KEY, act INTEGER NOT NULL, {_SHARED});
CREATE UNIQUE INDEX current_id ON current (id);
{_INDEXES}
CREATE TABLE proposals (
    one INTEGER NOT NULL, other INTEGER NOT NULL, metres REAL, PRIMARY KEY (one, other)
) WITHOUT ROWID;
CREATE TABLE corrections (
    correction INTEGER PRIMARY KEY, act INTEGER NOT NULL REFERENCES acts, attack INTEGER NOT NULL, field TEXT NOT NULL,
    old TEXT NOT NULL, value TEXT NOT NULL
);
CREATE INDEX corrections_attack ON corrections (attack);
CREATE TABLE merges (
    act INTEGER PRIMARY KEY REFERENCES acts, kind TEXT NOT NULL, kept INTEGER NOT NULL, other INTEGER NOT NULL
);
CREATE TABLE claims (
    claim INTEGER PRIMARY KEY, act INTEGER NOT NULL REFERENCES acts, attack INTEGER, confidence TEXT, body TEXT NOT NULL
);
CREATE INDEX claims_attack ON claims (attack);
CREATE TABLE projectiles (
    act INTEGER NOT NULL REFERENCES acts, attack INTEGER NOT NULL, track INTEGER NOT NULL, class TEXT NOT NULL,
    first_plot TEXT NOT NULL, fate TEXT NOT NULL, fate_probability TEXT NOT NULL, impact_time TEXT,
    latitude_deg REAL, longitude_deg REAL, zones TEXT NOT NULL
);
CREATE INDEX projectiles_attack ON projectiles (attack);
CREATE TABLE zones (
    act INTEGER NOT NULL REFERENCES acts, attack INTEGER NOT NULL, zone TEXT NOT NULL, impacts INTEGER NOT NULL,
    warned INTEGER NOT NULL, warning_s REAL
);
CREATE INDEX zones_attack ON zones (attack);
CREATE TABLE launch_areas (
    act INTEGER NOT NULL REFERENCES acts, attack INTEGER NOT NULL, latitude_deg REAL NOT NULL,
    longitude_deg REAL NOT NULL, radius_90_m REAL NOT NULL CHECK (radius_90_m >= 300.0), projectiles TEXT NOT NULL,
    probability REAL NOT NULL
);
CREATE INDEX launch_areas_attack ON launch_areas (attack);
CREATE TABLE alerts (
    act INTEGER NOT NULL REFERENCES acts, attack INTEGER NOT NULL, alert TEXT NOT NULL, zone TEXT NOT NULL,
    action TEXT NOT NULL, mode TEXT NOT NULL, time TEXT NOT NULL, cap_reference TEXT
);
CREATE INDEX alerts_attack ON alerts (attack);
CREATE TABLE documents (
    act INTEGER NOT NULL REFERENCES acts, attack INTEGER NOT NULL, role TEXT NOT NULL, content BLOB NOT NULL
);
CREATE INDEX documents_attack ON documents (attack);
""" + "".join(
    f"CREATE TRIGGER {table}_{deed.lower()} BEFORE {deed} ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END;\n"
    for table in _GROWS
    for deed in ("UPDATE", "DELETE")
)

LAYOUT = Layout(APPLICATION_ID, (VERSION_1,))
