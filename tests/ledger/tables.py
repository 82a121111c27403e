"""Small invented tables, in our form and in those of others; no event in them happened."""

from pathlib import Path

HEAD = (
    "date,place,lat,lon,weapon,projectiles,inside_target_area,killed,injured,claimed_by,source_url,confidence"
)
ROWS = (
    '2031-05-04,"Gate, Exampletown",10.5,20.25,rocket,3,1,,2,,https://example.invalid/a,high',
    "2031-05,Somewhere (convoy),,,IED,,,,,Nobody's Brigade,https://example.invalid/b,low",
    "2031-06-01,seven convoys: here and there,,,IED,,,,,,https://example.invalid/c,low",
    "2031-06-02,Camp Sample,10.9,20.5,mortar,4,,0,0,Testland (state),https://example.invalid/d,medium",
)

ACLED = """event_id_cnty,event_date,year,time_precision,disorder_type,event_type,sub_event_type,actor1,inter1,country,\
admin1,location,latitude,longitude,source,notes,fatalities
TST1,2031-05-04,2031,1,Political violence,Explosions/Remote violence,Shelling/artillery/missile attack,Unknown,3,\
Testland,North,Exampletown,10.51,20.26,Sample Post,"Three rockets, invented.",0
TST2,2031-05-10,2031,2,Political violence,Explosions/Remote violence,Remote explosive/landmine/IED,Unknown,3,\
Testland,North,Roadside,11.5,20.1,Sample Post,Invented.,2
TST3,2031-05-11,2031,1,Demonstrations,Protests,Peaceful protest,Protesters,6,Testland,North,Square,11.0,20.0,\
Sample Post,Invented.,0
"""

OLD_ACLED = """GWNO,EVENT_ID_CNTY,EVENT_ID_NO_CNTY,EVENT_DATE,YEAR,TIME_PRECISION,EVENT_TYPE,ACTOR1,INTER1,\
COUNTRY,ADMIN1,LOCATION,LATITUDE,LONGITUDE,GEO_PRECIS,SOURCE,NOTES,FATALITIES
999,7TST,7,04/05/2015,2015,3,Remote violence,Unknown,3,Testland,North,Oldtown,10.1,20.2,2,Sample Post,Invented.,5
"""

UCDP = """id,year,type_of_violence,conflict_name,side_a,side_b,where_prec,where_coordinates,latitude,longitude,\
date_start,date_end,best,low,high,source_article,country
501,2031,1,Testland: Government,Government of Testland,Nobody's Brigade,1,Exampletown,10.505,20.255,\
2031-05-04 00:00:00.000,2031-05-04 00:00:00.000,1,0,3,"Sample Post, 2031-05-05",Testland
"""
OLD_UCDP = UCDP.replace(",best,low,high,", ",best_est,low_est,high_est,")


def write_table(path: Path, *rows: str, head: str = HEAD) -> Path:
    """Write a table of our form."""
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path
