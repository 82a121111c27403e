"""The words that the rules look for, as parts of patterns; a mark such as ‹q0› stands for a number or a date."""

import re

Q = r"‹q(?P<q>\d+)›"
"""A number of things in a marked sentence."""
ANY_Q = r"‹q\d+›"
DAY = r"‹d(\d+)›"
ORDINAL = r"‹o(\d+)›"


def either(words: str) -> str:
    """Return a pattern for one of the words given, which may hold patterns themselves."""
    return "(?:" + "|".join(words.split()).replace("_", r"\s") + ")"


ADJECTIVE = (
    r"(?!(?:and|or|of|in|at|on|by|to|from|with|were|was|are|is|had|have|has|that|which|who|than|the|his|"
    r"her|their|its|"
    r"hit|struck|fell|landed|killed|wounded|injured|dead|hurt|said|after|when|while|into|near)\b)"
    r"[A-Za-z0-9'.\"/-]{1,20}"
)
FEW_ADJECTIVES = rf"(?:\s(?:x\s)?{ADJECTIVE}){{0,4}}?"

PROJECTILE = (
    r"(?:mortars?\s(?:bombs?|shells?|rounds?|projectiles?)|artillery\s(?:shells?|rounds?)|"
    + either(
        "rockets? missiles? projectiles? shells? mortars? Katyushas? Grads? rounds? munitions? impacts? "
        "RPGs?_x"
    )
    + r")(?!\s?-?\s?(?:launch(?!ed)\w*|"
    r"attacks?|strikes?|fire\b|engineer|barrage|systems?|defen[cs]e|casings?|parts?|forces?|"
    r"units?|sirens?|alarms?|propelled|programme?|tubes?|fragments?|debris|shelling|bombardment|salvos?|"
    r"assault))"
)
WARHEADS = rf"(?i:{PROJECTILE})"

PEOPLE = either(
    "people persons? civilians? soldiers? troops? servicem[ae]n servicemembers? service_members? personnel "
    "members? residents? "
    "citizens? child(?:ren)? girls? boys? wom[ae]n m[ae]n contractors? guards? policem[ae]n officers? police "
    "workers? employees? staff farmers? drivers? passers-by bystanders? students? pilgrims? airm[ae]n "
    "medics? villagers? "
    "individuals? militants? fighters? others? brothers? sisters? famil(?:y|ies)_members? relatives? "
    "worshippers? nationals? "
    "foreigners? shepherds? labou?rers? pedestrians? babies baby infants? teenagers? youths? victims? cooks? "
    "engineers? journalists? recruits? cadets? peacekeepers? shopkeepers? bod(?:y|ies) martyrs? father "
    "mother grandmother grandfather husband wife uncle aunt cousin nephew niece son daughter teachers? "
    "doctors? nurses? technicians? officials? commanders? marines? sailors? Kurds? refugees? aid_workers? "
    "mourners? toddlers? "
    "(?:Iraqi|American|Briton|British|Turk|Syrian|Afghan|Israeli|Palestinian|Ukrainian|Yemeni|Saudi|"
    "Iranian|Filipino|Indian|Pakistani|Lebanese|French|Russian)s?"
    "(?!_(?!was|were|and|died|has|had|in|is|who|dead|killed|wounded|injured|hurt|among)[\\w'-]) "
    "pupils? patients? vendors? peshmerga elderly casualties"
)

FIRE_NOUN = either("attacks? shellings? bombardments? strikes? barrages? salvos? volleys? fire assaults?")
ATTACK_NOUN = either(
    "attacks? shellings? bombardments? strikes? bombings? explosions? blasts? assaults? incidents? "
    "shooting barrage raids?"
)

FIRED = either(
    "fired launched released shot(?!_(?:him|her|dead)) lobbed unleashed rained let_off sent aimed directed "
    "targeted target "
    "targeting targets "
    "fire fires launch launches firing launching"
)
FELL = either(
    "landed land lands landing fell fall falls falling fallen exploded explode explodes exploding crashed "
    "crash crashes crashing "
    "came_down come_down came_in dropped detonated struck_down burst slammed plunged "
    "ploughed"
)
HIT = either(
    "hit hits hitting struck strike strikes striking reached impacted tore_through ripped_through "
    "smashed_into pounded set_fire_to"
)
STOPPED = either(
    "intercepted shot_down downed repelled brought_down knocked_out destroyed_in_the_air neutrali[sz]ed "
    "thwarted"
)

DEAD = either(
    "killed dead died dies dying die slain martyred perished KIA deceased killing kill kills fatally"
)
HURT = either("wounded injured hurt WIA wounding injuring injure injures wound wounds hurting hurts")
LIGHTLY = (
    r"(?:(?:slightly|lightly|moderately|mildly|seriously|severely|critically|badly|gravely|"
    r"reportedly|also|later|fatally|at\sleast)\s)?"
)

SAY = either(
    "said says say saying told tells announced announces reported reports added adds stated states "
    "confirmed confirms confirm "
    "claimed claims declared wrote writes tweeted explained indicated indicating noted notes affirms "
    "affirmed insisted revealed "
    "denied denies boasted acknowledged pointed_out spoke evokes mentioned disclosed stressed put counted "
    "reported_that clarified "
    "made_state_of heard posted conveyed quoted corrects estimated confirming"
)
PREPOSITION = (
    r"(?:inside|on\sor\snear|in\sor\snear|in\sthe\svicinity\sof|in\sthe\ssurroundings\sof|"
    r"on\sthe\sterritory\sof|within|in|into|onto|"
    r"on|at|near(?:\sto)?|nr|outside(?:\sof)?|"
    r"close\sto|next\sto|around|beside|by|behind|over|not\sfar\sfrom|adjacent\sto|towards?|opposite|"
    r"between|short\sof|above|along|"
    r"against|across|beyond|off)"
)
IGNORE_CASE = re.IGNORECASE
