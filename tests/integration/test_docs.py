"""What the documents name is there, and the numbers of LIMITS.md are those of the headers."""

import ast
import re

import pytest

from support.build import PAGE, ROOT

DOCS = [ROOT / "README.md", PAGE, *sorted((ROOT / "docs").glob("*.md"))]
TESTS = [p for p in sorted((ROOT / "tests").rglob("*")) if p.suffix in (".py", ".c", ".h")]
FUNCTION = re.compile(r"^(?:def|(?:static )?void) (test_\w+) ?\(", re.M)
FUNCTIONS = {p: set(FUNCTION.findall(p.read_text())) for p in TESTS}
TOP = {p.name for p in ROOT.iterdir() if p.name not in ("build", ".git")}


def named(path) -> list:
    return re.findall(r"`([^`\n]+)`", path.read_text())


def files(name: str) -> list:
    """The tests that `core/test_x.c` or `test_x.py` may mean."""
    return [p for p in TESTS if f"/{p.relative_to(ROOT)}".endswith(f"/{name}")]


def ids(path) -> str:
    return path.name


@pytest.mark.parametrize("path", DOCS, ids=ids)
def test_every_named_test_exists(path):
    missing = []
    for name in named(path):
        whole = re.fullmatch(r"(?:([\w/]*test_\w+\.(?:py|c)))?(?:::)?(test_\w+)?", name)
        if not whole or not name:
            continue
        where = files(whole[1]) if whole[1] else TESTS
        if not where or (whole[2] and not any(whole[2] in FUNCTIONS[p] for p in where)):
            missing.append(name)
    assert not missing


@pytest.mark.parametrize("path", DOCS, ids=ids)
def test_every_function_of_a_named_file_exists(path):
    """`cli/test_x.c` (`one`, `two`): both stand in that file."""
    missing = []
    for name, listed in re.findall(r"`([\w/]*test_\w+\.(?:py|c))`\s\(((?:`\w+`,?\s?)+)\)",
                                   path.read_text()):  # fmt: skip
        for function in re.findall(r"\w+", listed):
            if not any(re.search(rf"^(?:def|static void) {function} ?\(", p.read_text(), re.M)
                       for p in files(name)):  # fmt: skip
                missing.append(f"{name}: {function}")
    assert not missing


def test_security_names_tests():
    """So many that the pattern above cannot have ceased to fit."""
    assert len([name for name in named(ROOT / "docs/SECURITY.md") if "test_" in name]) > 60


#   Sections that promise nothing, or whose promises stand each by itself, in bold.
NO_CLAIMS = {"Defended with `--curve`", "Direct messages, sealed", "Fuzzing", "Not defended",
             "How it is made", "Who tried to break it, and how"}  # fmt: skip


def claims() -> set:
    """The bold words that a paragraph of SECURITY.md begins with, and the sections without."""
    found = set()
    for section in (ROOT / "docs/SECURITY.md").read_text().split("\n## ")[1:]:
        title, text = section.split("\n", 1)
        if not text.lstrip().startswith("**") and title not in NO_CLAIMS:
            found.add(title)
        if title != "Not defended":
            bold = re.findall(r"\n\n\*\*(.+?)\*\*", f"\n\n{text}", re.S)
            found |= {" ".join(words.split()).rstrip(".") for words in bold}
    return found


def attempts() -> dict:
    """claim: what tried to break it, of the table in SECURITY.md."""
    text = (ROOT / "docs/SECURITY.md").read_text()
    table = text.split("## Who tried to break it, and how\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return {cells[0].strip(): cells[1] for cells in rows[1:]}


def test_every_claim_names_who_tried_to_break_it():
    assert len(claims()) > 30
    assert claims() == set(attempts())


def siege_kinds() -> tuple:
    tree = ast.parse((ROOT / "tests/chaos/siege.py").read_text())
    return next(ast.literal_eval(node.value) for node in tree.body
                if isinstance(node, ast.Assign) and node.targets[0].id == "KINDS")  # fmt: skip


@pytest.mark.parametrize("claim", sorted(attempts()))
def test_what_tried_to_break_it_exists(claim):
    tried = re.findall(r"`([^`]+)`", attempts()[claim])
    assert tried
    for attempt in tried:
        kind, _, name = attempt.partition(" ")
        there = {
            "siege": lambda: name in siege_kinds(),
            "sim": lambda: (ROOT / f"tests/sim/{name}.c").exists(),
            "fuzz": lambda: (ROOT / f"tests/fuzz/fuzz_{name}.c").exists(),
        }
        if name:
            assert there[kind](), attempt
        else:  # a test or a file: test_every_named_... above
            assert "test_" in attempt or "/" in attempt or "-" in attempt, attempt


def test_every_attack_of_the_siege_tries_a_claim():
    named = " ".join(attempts().values())
    assert not [kind for kind in siege_kinds() if f"`siege {kind}`" not in named]


@pytest.mark.parametrize("path", DOCS, ids=ids)
def test_every_named_file_and_link_exists(path):
    text = path.read_text()
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)
             if not link.startswith(("http", "#"))]  # fmt: skip
    missing = [link for link in links if not (path.parent / link).exists()]
    for name in named(path):
        word = "" if "test_" in name else name.split()[0]
        if re.fullmatch(r"[\w./-]+", word) and "/" in word and word.split("/")[0] in TOP:
            missing += [] if (ROOT / word).exists() or word.startswith("build/") else [word]
    assert not missing


# --- the numbers of LIMITS.md


SCREEN = ["paragraph", "links", "paste_guard", "runner", "words", "notify", "completion", "speakers",
          "noise", "history_file"]  # fmt: skip


def constants() -> dict:
    """NAME: number, of the enums and defines of the headers that hold bounds."""
    found: dict = {}
    for path in ["include/zchat/limits.h", "include/zchat/seal.h", "client/talk/people.h", "client/talk/talk.h",
                 "client/talk/messages.h", "client/talk/direct.h", "client/talk/direct.c", "client/talk/ignored.h", "client/talk/unsent.h", "client/talk/retry.h",
                 *(f"client/screen/{name}.h" for name in SCREEN), "client/edit/editor.h",
                 "broker/config/options.h", "broker/core/quota/quota.h", "broker/core/core.c",
                 "broker/core/flight.c", "broker/index/index.h"]:  # fmt: skip
        text = re.sub(r"/\*.*?\*/", "", (ROOT / path).read_text(), flags=re.S)
        for name, number in re.findall(r"\b([A-Z]\w+)(?: =|[ ]+)\s*(0[xX]\w+|\d+)[uU]*", text):
            found[name] = int(number.rstrip("uU"), 0)
    found["ZCHAT_SEQ_MAX"] = int(
        re.search(r"ZCHAT_SEQ_MAX +(0x[0-9A-F]+)u", (ROOT / "include/zchat/limits.h").read_text())[1],
        16,
    )
    return found


UNITS = {"KiB": 1024, "MiB": 1 << 20, "KB": 1000, "ms": 1, "s": 1000, "hour": 3600_000,
         "day": 24 * 3600_000, "days": 24 * 3600_000, "": 1}  # fmt: skip


def numbers(text: str) -> set:
    """Sizes in bytes, times in ms; rates as so many a second."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text).replace("2^40 - 1", str((1 << 40) - 1))
    text = text.replace("10^12", str(10**12))
    text = re.sub(r"one every (\d+) s\b", lambda m: f"one every {1000 * int(m[1])}", text)
    found = set()
    for number, rate, unit in re.findall(
        r"(?<![\w/])(\d+)(?: (a second|per second)| (KiB|MiB|KB|ms|s|hour|days?)\b)?", text
    ):
        found.add(int(number) * (1 if rate else UNITS[unit]))
    return found


def rows() -> dict:
    """The first column and the rest of each row, by the section and the first words."""
    found = {}
    for line in (ROOT / "docs/LIMITS.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0] != "bound":
            found[cells[0]] = " | ".join(cells)
    return found


#   The first words of a row, and the bounds it tells of. `NAME/s`: NAME is ms between two.
TOLD = {
    "a name (user": "NAME_MAX_CODEPOINTS NAME_MAX NAME_FORM_MAX",
    "a tag": "TAG_MAX",
    "a nonce": "NONCE_MAX",
    "a message": "BODY_MAX",
    "`zchat`'s input line": "LINE_MAX BODY_MAX",
    "`zchat`'s screen: lines of a window; bytes of its messages": "SCREEN_LINES_MAX SCREEN_BYTES_MAX",
    "a topic": "TOPIC_MAX",
    "a reason": "REASON_MAX",
    "`data` of": "DATA_MAX",
    "nesting": "DATA_DEPTH_MAX",
    "edits of a message": "EDITS_MAX EDIT_WINDOW_MS",
    "a reaction": "REACTION_MAX",
    "different reactions": "REACTIONS_MAX REACTION_NAMES",
    "a JSON argument": "JSON_MAX",
    "`agent`": "AGENT_MAX",
    "frames of a request": "FRAMES_MAX",
    "a frame": "FRAME_MAX",
    "events of one HISTORY": "HISTORY_MAX HISTORY_DEFAULT",
    "bytes of one HISTORY": "HISTORY_BYTES_MAX",
    "names in one WHO": "LIST_MAX",
    "rooms in one ROOMS": "LIST_MAX HISTORY_BYTES_MAX",
    "a pack": "FEED_PACK_MAX PACK_MAX",
    "a query of SEARCH": "QUERY_MAX SEARCH_WORDS",
    "hits of one SEARCH": "SEARCH_MAX SEARCH_DEFAULT",
    "text of a hit": "SNIPPET_MAX INDEX_FOUND_MAX",
    "private rooms one SEARCH": "SEARCH_ROOMS",
    "one SEARCH": "SEARCH_MS",
    "SEARCH requests under": "PEER_SEARCHES_MAX PLACE_SEARCHES_MAX SEARCHES_MAX",
    "quota `searches`": "QUOTA_SEARCHES QUOTA_SEARCHES_S",
    "connections remembered": "PEERS_MAX",
    "names in use": "SESSIONS_MAX",
    "rooms": "ROOMS_MAX",
    "rooms and mailboxes": "ROOM_NUMBERS_MAX",
    "rooms one session": "SESSION_ROOMS_MAX",
    "private rooms made": "PRIVATE_PLACE_MAX",
    "a room that nobody but": "ROOM_AGE_MS ROOM_EMPTY_MS",
    "members of a room": "ROOM_MEMBERS_MAX",
    "members of a private": "PRIVATE_MEMBERS_MAX",
    "roles, bans": "ROOM_FACTS_MAX",
    "bans and mutes of all rooms": "SANCTIONS_MAX SANCTIONS_BY_MAX SANCTIONS_PLACE_MAX",
    "people whom a mailbox": "CONTACTS_MAX CONTACTS_ALL_MAX",
    "names that belong": "NAMES_MAX",
    "names claimed by keys at": "PLACE_NAMES_MAX",
    "names of one PURGE": "PURGE_MAX PURGE_LOOKS",
    "keys of a name": "NAME_KEYS_MAX KEY_NAMES_MAX NAME_FREED_MS",
    "sessions of one proven": "NAME_SESSIONS_MAX",
    "a freed name": "NAME_FREED_MS",
    "messages in a room": "SEQ_MAX",
    "people mentioned": "MENTIONS_MAX MENTION_LOOKS",
    "unread mentions": "MENTIONS_KEPT",
    "rooms of which": "MARKERS_MAX MARKERS_ALL_MAX",
    "how far users": "READINGS_MAX MARKERS_MAX READINGS_MS",
    "why somebody is away": "AWAY_MAX",
    "producers remembered": "PRODUCERS_MAX PRODUCER_AGE_MS PRODUCER_ENDED_MS",
    "producers whose": "SPEAKERS_MAX",
    "a connection's messages": "PEER_PENDING_MAX PEER_PENDING_BYTES_MAX",
    "all messages not": "PENDING_BYTES_MAX",
    "the same where": "BUSY_BYTES OWNER_BUSY_BYTES PLACE_BUSY_BYTES BUSY_WORD",
    "rows of a list": "QUOTA_ROWS",
    "bytes of a page": "QUOTA_PAGE",
    "HISTORY requests under": "PEER_READS_MAX READS_MAX",
    "long replies": "LONG_REPLY PEER_DEBT_MAX HISTORY_BYTES_MAX",
    "the same of all": "DEBT_MAX HISTORY_BYTES_MAX",
    "records of one commit": "BATCH_MAX FLIGHT_BYTES_MAX",
    "a log that cannot be written": "LOAD_DEAR_MS PROBE_FIRST_MS PROBE_MOST_MS LOAD_PART LOAD_WAIT_MAX_MS",
    "who asks first for": "DOUBT_MS DOUBT_AGAIN_MS",
    "a lost session": "NAME_GRACE_MS",
    "a wall clock": "CLOCK_JUMP_MS",
    "joins and leaves": "PRESENCE_MERGE_MEMBERS PRESENCE_MERGE_MS PRESENCE_MERGE_NAMES",
    "replies queued": "DOOR_HWM",
    "a subscription": "SUBSCRIPTION_MAX",
    "a subscriber's topics": "FEED_TOPICS_MAX FEED_TOPICS_BYTES_MAX",
    "topics of all subscribers": "FEED_BYTES_MAX",
    "a subscriber's subscriptions": "SUBSCRIBE SUBSCRIBE_S",
    "not encrypted: handshakes": "PLAIN_ADDRESS PLAIN_ADDRESS_MS/s",
    "routing ids like": "ADMIT_PROBES ADMIT_PROBES_MS",
    "connections of an address": "ORIGIN_CONNECTIONS_MAX",
    "connections of a key": "KEY_CONNECTIONS_MAX",
    "connections to the door": "SILENT_MS ORIGIN_SILENT_MAX",
    "connections whose close": "UNWATCHED_MAX",
    "a connection's requests": "DOOR_UNREAD_HWM",
    "bytes over a connection to the door": "UNREAD_MAX MEASURE_MS",
    "bytes before the first": "UNREAD_FIRST MEASURE_FIRST_MS",
    "the same bytes of an address": "UNREAD_ORIGIN",
    "not encrypted: what an address": "LEFT_UNIT ADMIT_LEFT ADMIT_LEFT_MS LEFT_DEBT_MS",
    "the same of this machine, left": "LOCAL_LEFT_MS LOCAL_LEFT_DEBT_MS",
    "bytes over a connection to the feed": "UNREAD_MAX UNREAD_GROWS",
    "descriptors that libzmq keeps": "WS_KEPT_SHARE",
    "the same that are kept even then": "WS_UNBOUND_MS",
    "encrypted: handshakes of an address that": "ADMIT_UNFINISHED ADMIT_UNFINISHED_MS/s",
    "encrypted: handshakes of an address": "ADMIT_ADDRESS ADMIT_ADDRESS_MS/s",
    "encrypted: handshakes of a key": "ADMIT_KEY ADMIT_KEY_MS/s",
    "encrypted: refused": "ADMIT_FAILED ADMIT_FAILED_MS",
    "encrypted, open": "CLAIMS_ADDRESS CLAIMS_ADDRESS_MS CLAIMS_NETWORK CLAIMS_NETWORK_MS",
    "addresses and keys": "THROTTLE_MAX",
    "keys in the file": "MEMBERS_MAX MEMBERS_FILE_MAX",
    "tokens in the file": "TOKENS_MAX TOKENS_FILE_MAX",
    "quota `messages`": "QUOTA_MESSAGES QUOTA_MESSAGES_S",
    "quota `bytes`": "QUOTA_BYTES QUOTA_BYTES_S",
    "quota `reads`": "QUOTA_READS QUOTA_READS_S",
    "quota `joins`": "QUOTA_JOINS QUOTA_JOINS_S",
    "quota `failed`": "QUOTA_FAILED QUOTA_FAILED_S",
    "quota `stored`": "QUOTA_STORED QUOTA_STORED_S STORED_EVENT",
    "addresses whose": "METERS_MAX",
    "quota `strangers`": "QUOTA_STRANGERS QUOTA_STRANGERS_S STRANGER_EVENT",
    "the same of all of an address": "STRANGERS_ADDRESS STRANGERS_NETWORK",
    "such pairs": "STRANGERS_MAX",
    "names ignored": "IGNORED_MAX IGNORED_FILE_MAX",
    "lines of the log": "LOG_QUEUE_BYTES",
    "free space of the log's disk": "DISK_LOW",
    "rooms with an age": "OPTIONS_ENDPOINTS_MAX",
    "what a broker says of itself": "BEACON_MAX BEACON_PORT BEACONS_KNOWN",
    "requests under way at the admin": "ADMIN_ASKS_MAX",
    "connections for `--metrics`": "METRICS_CONNECTIONS_MAX",
    "a request for `--metrics`": "METRICS_REQUEST_MAX",
    "a burst": "QUOTA_MAX",
    "admins": "OPTIONS_ENDPOINTS_MAX",
    "endpoints": "OPTIONS_ENDPOINTS_MAX",
    "messages in the outbox": "OUTBOX_MAX OUTBOX_BYTES_MAX",
    "sent ahead": "WINDOW WINDOW_BYTES",
    "events kept": "AHEAD_MAX AHEAD_BYTES_MAX",
    "events the program": "EVENTS_MAX EVENTS_BYTES_MAX",
    "who, rooms": "QUERIES_MAX",
    "HISTORY requests at once": "FETCHES_MAX",
    "connecting": "CONNECT_TIMEOUT_MS",
    "a silent feed": "FEED_TIMEOUT_MS",
    "wait before": "BACKOFF_MIN_MS BACKOFF_MAX_MS",
    "a reply": "REPLY_TIMEOUT_MS",
    "a text that is sealed": "SEAL_BODY_MAX",
    "`zchat`: messages": "DIRECT_QUEUE_MAX DIRECT_QUEUE_BYTES_MAX",
    "keys a message": "SEAL_KEYS_MAX",
    "a vouch": "VOUCH_AGE_MS VOUCH_EARLY_MS",
    "what `zchat` was": "KEYS_AGE_MS",
    "people": "PEOPLE_MAX PEOPLE_FILE_MAX",
    "READ of one": "READ_WAIT_MS",
    "messages of one conversation": "MESSAGES_MAX MESSAGES_BYTES_MAX",
    "reactions of such": "MESSAGES_REACTIONS_MAX MESSAGES_NAMES_MAX",
    "direct talks": "TALK_PERSONS_MAX",
    "what a person typed": "UNSENT_BYTES_MAX",
    "`zchat` at once": "UNSENT_SLOTS",
    "names ignored": "IGNORED_MAX IGNORED_FILE_MAX",
    "what is kept": "UNSENT_AGE_MS",
    "`zchat`'s config file": "SETTINGS_FILE_MAX SETTINGS_LINE_MAX SETTINGS_BROKERS_MAX",
    "messages under way, or refused": "RETRY_MAX RETRY_BYTES_MAX",
    "rooms in a file": "STATE_ROOMS_MAX",
    "`zchat listen --exec`": "EXEC_WAIT_MIN_MS EXEC_WAIT_MAX_MS",
    "`zchat listen --all-rooms`": "SESSION_ROOMS_MAX ALL_ROOMS_MS",
    "`zchat --format`": "FORMAT_MAX",
    "keys it remembers": "PEOPLE_KEYS_MAX",
    "rows of one message": "PARAGRAPH_ROWS_MAX PARAGRAPH_LINKS_MAX",
    "an address that": "LINKS_TARGET_MAX",
    "what is copied": "LINKS_COPY_MAX",
    "lines of a paste": "PASTE_LINES",
    "programs beside": "RUNNER_MAX",
    "a command that": "WORDS_MAX WORDS_BYTES_MAX",
    "the text of a notification": "NOTIFY_TEXT_MAX",
    "conversations of which": "NOTIFY_KEPT_MAX",
    "what Tab may": "COMPLETION_MAX SPEAKERS_KEPT",
    "names in one line": "NOISE_NAMES_MAX",
    "input lines kept": "HISTORY_FILE_LINES HISTORY_FILE_BYTES HISTORY_FILE_LINE_MAX",
    "what C-r": "EDITOR_WANTED_MAX",
    "HTTP connections at": "WEB_CONNECTIONS_MAX WEB_ADDRESS_MAX",
    "event streams": "WEB_STREAMS_MAX WEB_STREAM_ROOMS_MAX",
    "HTTP headers": "WEB_HEADERS_MAX",
    "HTTP body": "WEB_BODY_MAX WEB_BODIES_MAX",
    "an HTTP connection without": "WEB_HEADER_MS WEB_UPLOAD_MS",
    "an HTTP connection that takes": "WEB_STUCK_MS",
    "names and tokens connected": "WEB_PEOPLE_MAX WEB_PEOPLE WEB_PEOPLE_MS/s",
    "connections of the door": "WEB_GUESTS SESSION_ROOMS_MAX",
    "a name and token, or": "WEB_IDLE_MS",
    "a name and token that": "WEB_REFUSED_MS",
    "the broker's answer to": "WEB_ANSWER_MS",
    "a stream that waits": "WEB_STREAM_WAIT_MS",
    "heartbeats of a stream": "WEB_HEARTBEAT_MS",
    "events of a room kept": "WEB_RING_MAX WEB_RING_BYTES WEB_RINGS_BYTES",
    "events fetched at once": "WEB_PAGE WEB_PAGES",
    "answers remembered": "WEB_ONCE_MAX WEB_ONCE_MS",
    "hooks": "WEB_HOOKS_MAX",
    "one delivery": "WEB_HOOK_MS WEB_HOOK_WAIT_MIN_MS WEB_HOOK_WAIT_MAX_MS",
}  # fmt: skip

#   Numbers of a row that no bound of limits.h holds.
BESIDES = {
    "addresses and keys": {64},  # the /64 of IPv6
    "encrypted: handshakes of an address": {300},  # ZAP's status
    "quota `stored`": {48},  # the /48 of IPv6
    "`zchat listen --exec`": {75},  # an exit status
    "`zchat --format`": {64},  # likewise
    "`zchat`'s config file": {78},  # likewise
    "private rooms made": {48},  # likewise
    "SEARCH requests under": {48},  # likewise
    "bans and mutes of all rooms": {48},  # likewise
    "connections for `--metrics`": {10000},  # the timeout of libmicrohttpd
    "a request for `--metrics`": {413, 431},  # statuses of HTTP
    "events of a room kept": {64},
    "HTTP headers": {414, 431},
    "HTTP body": {413, 503},
    "connections of the door": {503},
    "names and tokens connected": {503},
    "event streams": {400, 503},
    "the broker's answer to": {503, 504},
    "quota `strangers`": {31, 42},  # what comes of it: see test_what_strangers_may
    "the same of all of an address": {48, 64},
}
#   Rows that hold more than bounds of these headers: each number told is looked at elsewhere.
ELSEWHERE = {
    "the same of this machine": "LOCAL_PROBES_MS",
    "a session that asks": "SILENCE_HEARTBEATS HEARTBEAT_MS",
    "feed messages queued": "FEED_HWM",
    "a handshake": "",
    "a host that": "",
    "descriptors": "",
    "`refused` and": "",
    "`slow`": "",
}
#   What nobody outside meets: sizes, pauses, and the like. In no row.
INNER = """PRODUCER_SIZE SESSION_SIZE KEY_SIZE LOG_ID_SIZE TOKEN_SIZE PEER_DEBT_PER_MS FACT_KEY_MAX
FACT_MAX SLOW_WAIT_MS FORGET_ROOMS SILENT_MAX TRIM_ROWS SYNC_RETRY_MS SYNC_SILENT_MS GAP_WAIT_MS WS_DEAF_MS""".split()


def value(name: str) -> int:
    known = constants()
    bare = name.removesuffix("/s")
    number = known.get(f"ZCHAT_{bare}", known.get(bare))
    assert number is not None, f"no {bare} in the headers"
    return 1000 // number if name.endswith("/s") else number


def row_of(words: str) -> str:
    """A row that begins so; of several the one that is no more than that, else the shortest."""
    fits = sorted((first for first in rows() if first.startswith(words)), key=len)
    assert fits, f"LIMITS.md has no row {words!r}"
    return fits[0]


@pytest.mark.parametrize("words", TOLD)
def test_the_numbers_of_a_row(words):
    row = row_of(words)
    told = numbers(rows()[row])
    assert told - BESIDES.get(words, set()) == {value(name) for name in TOLD[words].split()}, row


def test_every_row_is_looked_at():
    known = {row_of(words) for words in [*TOLD, *ELSEWHERE]}
    assert not set(rows()) - known
    assert len(known) == len(TOLD) + len(ELSEWHERE), "two entries mean one row"


def test_every_bound_has_a_row():
    told = {name.removesuffix("/s") for names in [*TOLD.values(), *ELSEWHERE.values()]
            for name in names.split()}  # fmt: skip
    text = (ROOT / "include/zchat/limits.h").read_text()
    every = set(re.findall(r"ZCHAT_(\w+) +?= ?\d", text)) | set(
        re.findall(r"#define ZCHAT_(\w+_M\w+) ", text)
    )
    assert len(every) > 80
    assert not every - told - set(INNER)


def test_what_strangers_may():
    row = rows()[row_of("quota `strangers`")]
    assert f"({value('QUOTA_STRANGERS') // value('STRANGER_EVENT') - 1} short" in row
    a_day = value("QUOTA_STRANGERS_S") * 86400 // value("STRANGER_EVENT")
    assert f"({a_day} messages a day)" in row


def test_silence_is_four_heartbeats():
    row = rows()[row_of("a session that asks")]
    assert {value("SILENCE_HEARTBEATS"), value("SILENCE_HEARTBEATS") * value("HEARTBEAT_MS")} == \
        numbers(row)  # fmt: skip
