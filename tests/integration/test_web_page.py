"""The page of zchat-web, in Chromium: a day of it, hostile texts, keys, a phone, a screen reader."""

import re
import shutil

import pytest
from selenium.webdriver.common.keys import Keys

from support import build
from support import token as tokens
from support.web_page import Browser, Door

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def browser():
    browser = Browser()
    yield browser
    browser.quit()


@pytest.fixture
def doors(tmp_path):
    made = []

    def make(broker, *args) -> Door:
        made.append(Door(tmp_path / f"web-{len(made)}", broker.address or broker.door, *args))
        return made[-1].start()

    yield make
    for door in made:
        door.close()


@pytest.fixture
def web(broker, doors):
    return doors(broker)


@pytest.fixture
def page(browser, broker, web):
    """page (name, room, ...) is the page as who has this name, proven by a token; without a name a guest's."""
    known = {}

    def make(name="", room="", language=""):
        if name and name not in known:
            known[name] = tokens.make(broker.data, name)
        return browser.page(web, name, known.get(name, ""), room, language).wait_live()

    make.tokens = known
    return make


@pytest.fixture(autouse=True)
def windows(browser):
    """Every test begins with an empty browser."""
    yield
    browser.close_windows()


def filled(door, broker, room: str, count: int, user: str = "eve"):
    """A room with so many messages."""
    eve = door(broker, user, hello=True)
    tags = [eve.post_say(room, f"message {n}") for n in range(1, count + 1)]
    for tag in tags:
        assert eve.reply(tag).json["seq"]
    return eve


# --- a day


def test_a_day(page, broker, door, browser):
    bob = door(broker, "bob", hello=True)
    bob.say("dev", "is anybody here?")
    ann = page("ann", "dev")
    ann.wait_text("is anybody here?")
    # talk
    ann.say("good morning")
    ann.wait(lambda: ann.messages() == ["is anybody here?", "good morning"] and not ann.pending())
    assert "on disk" in ann.js("return document.querySelector('.mark.stored').getAttribute('aria-label')")
    bob.say("dev", "hello @ann")
    ann.wait_text("hello @ann")
    assert ann.text(".message.calls .mention") == "@ann"
    # miss: what is said while she is in another room, and while she is away, is unread
    ann.load("lobby").wait_live()
    bob.say("dev", "one")
    bob.say("dev", "two")
    ann.wait(lambda: ann.text('#rooms a[href="#dev"] .badge') == "2", "2 unread")
    assert ann.driver.title.startswith("(2) ")
    ann.driver.get("about:blank")
    bob.say("dev", "three")
    bob.ask("TELL", "ann", "are you there?")
    # come back
    ann.load("lobby")
    ann.wait(lambda: ann.text('#rooms a[href="#dev"] .badge') == "3", "3 unread")
    ann.click('#rooms a[href="#dev"]')
    ann.wait_text("three")
    after = ann.js("return [...document.querySelectorAll('#unread-line ~ .message .text')].map((e) => e.textContent)")
    assert after == ["one", "two", "three"]
    ann.wait(lambda: ann.js("return document.querySelectorAll('#rooms .badge').length") == 0, "all is read")
    assert ann.text("#people .badge") == "1"
    # edit, react, reply
    ann.element("#compose").send_keys(Keys.ARROW_UP)
    ann.wait(lambda: ann.js("return document.getElementById('compose').value") == "good morning")
    ann.keys("!", Keys.ENTER)
    ann.wait(lambda: "good morning!" in ann.messages() and "good morning" not in ann.messages())
    assert "edited" in ann.told("good morning!")
    ann.choose("three")
    ann.click("#bar button:nth-child(2)")
    ann.click("#reaction-common button")
    ann.wait(lambda: "👍 1" in ann.told("three"))
    ann.choose("two")
    ann.click("#bar button")
    ann.say("to the second")
    ann.wait(lambda: ann.text(".quote") == "↩ bob: two")
    # find
    ann.click("#search-open")
    ann.keys("anybody", Keys.ENTER)
    ann.wait(lambda: ann.text("#hits mark") == "anybody", "a hit")
    ann.click("#hits button")
    ann.wait(lambda: ann.focus() == "m1", "the message that was found")
    # direct messages
    bob.join("@")
    ann.keys(Keys.CONTROL + "k")
    ann.keys("@bob", Keys.ENTER)
    ann.wait(lambda: ann.text("#title") == "bob")
    ann.say("between us")
    ann.wait(lambda: ann.messages() == ["are you there?", "between us"] and not ann.pending())
    ann.wait(lambda: ann.js("return document.querySelectorAll('.badge').length") == 0, "that is read, too")
    bob.ask("TELL", "ann", "I hear you")
    ann.wait(lambda: ann.messages() == ["are you there?", "between us", "I hear you"])
    assert not ann.browser_log()


def test_the_broker_is_killed_meanwhile(page, broker, door):
    ann, eve = page("ann", "dev"), page("eve", "dev")
    ann.say("before")
    eve.wait_text("before")
    broker.kill()
    ann.wait(lambda: ann.text("#link"), "the page says that the chat cannot be reached")
    ann.say("while it is away")
    ann.wait(lambda: ann.pending() == [["while it is away", "sending"]])
    eve.say("me too")
    broker.start()
    for one in (ann, eve):
        one.wait(lambda one=one: len(one.messages()) == 3 and not one.pending() and one.text("#link") == "", "all is there")
    assert ann.messages() == eve.messages()
    assert sorted(ann.messages()) == ["before", "me too", "while it is away"]
    bob = door(broker, "bob", hello=True)
    assert [e.body for e in bob.history_all("dev") if e.type == "say"] == ann.messages()


def test_the_door_is_killed_meanwhile_and_the_page_is_loaded_anew(page, web, broker, door):
    ann = page("ann", "dev")
    ann.say("before")
    ann.wait(lambda: ann.messages() == ["before"])
    bob = door(broker, "bob", hello=True)
    web.kill()
    ann.say("while it is away")
    ann.wait(lambda: ann.pending() == [["while it is away", "sending"]])
    bob.say("dev", "missed")
    ann.wait(lambda: ann.text("#link"), "the page says that it is alone")
    web.start()
    ann.look().refresh()
    ann.wait(lambda: len(ann.messages()) == 3 and not ann.pending(), "sent after the page was loaded anew")
    assert [e.body for e in bob.history_all("dev") if e.type == "say"] == ann.messages()


def test_the_broker_has_another_log_meanwhile(page, broker, door):
    door(broker, "bob", hello=True).say("dev", "of the old log")
    guest = page("", "dev")
    guest.wait_text("of the old log")
    broker.stop()
    shutil.rmtree(broker.data)
    broker.start()
    guest.wait(lambda: guest.messages() == [] and "new log" in guest.text("#notice"), "it is told")
    door(broker, "bob", hello=True).say("dev", "of the new log")
    guest.wait(lambda: guest.messages() == ["of the new log"])


def test_a_name_without_a_token(browser, broker, doors):
    ann = browser.page(doors(broker, "--free-names"), room="dev").wait_live()
    ann.click("#sign")
    ann.keys("ann", Keys.ENTER)
    ann.wait_text("ann", "#whoami")
    ann.wait_live()
    ann.say("free")
    ann.wait(lambda: ann.messages() == ["free"] and not ann.pending())
    ann.look().refresh()
    ann.wait(lambda: ann.messages() == ["free"] and "ann" in ann.text("#whoami"), "still the same, after the page was loaded anew")


def test_two_people(page):
    ann, bob = page("ann", "dev"), page("bob", "dev")
    for n in range(5):
        ann.say(f"ann {n}")
        bob.say(f"bob {n}")
    expected = sorted(f"{name} {n}" for name in ("ann", "bob") for n in range(5))
    for one in (ann, bob):
        one.wait(lambda one=one: sorted(one.messages()) == expected and not one.pending())
    assert ann.messages() == bob.messages()
    ann.wait(lambda: [line for line in ann.text("#who-list").splitlines() if line] == ["ann (you)", "bob"], "who is here")
    ann.choose("bob 4")
    ann.click("#bar button:nth-child(2)")
    ann.click("#reaction-common button")
    bob.wait(lambda: "👍 1" in bob.told("bob 4"))
    bob.element("#compose").send_keys(Keys.ARROW_UP)
    bob.keys(" better", Keys.ENTER)
    ann.wait(lambda: "bob 4 better" in ann.messages())
    bob.choose("bob 3")
    bob.click("#bar button:nth-child(4)")
    bob.click("#removal-yes")
    for one in (ann, bob):
        one.wait(lambda one=one: "bob 3" not in one.messages())


def test_a_refused_message_is_told_and_can_be_sent_again(page, safe, browser, doors, person):
    boss = person(safe, "boss")
    boss.say("dev", "mine")
    web = doors(safe)
    bob = browser.page(web, "bob", tokens.make(safe.data, "bob"), "dev").wait_live()
    bob.say("first")
    bob.wait(lambda: "first" in bob.messages())
    boss.ask("MODE", "dev", {"set": "mute", "user": "bob"})
    bob.say("unheard")
    bob.wait(lambda: bob.pending() == [["unheard", "not sent"]])
    assert "muted" in bob.text(".pending .bad")
    boss.ask("MODE", "dev", {"set": "unmute", "user": "bob"})
    bob.click(".pending button")
    bob.wait(lambda: bob.messages()[-1] == "unheard" and not bob.pending())


# --- history


def test_history_goes_back_to_the_beginning_and_the_page_stays_small(page, broker, door):
    filled(door, broker, "dev", 1000)
    ann = page("", "dev")
    ann.wait_text("message 1000")
    seen, order = set(), True

    def look(step):
        ids, most, there = ann.js(
            """const scroll = document.getElementById('scroll');
            scroll.scrollBy(0, arguments[0]);
            const texts = [...document.querySelectorAll('.message .text')].map((e) => +e.textContent.split(' ')[1]);
            return [texts, document.querySelectorAll('#messages > *').length, document.getElementById('edge-top').textContent];""", step)
        nonlocal order
        order = order and ids == list(range(ids[0], ids[-1] + 1))
        seen.update(ids)
        assert most < 320, "the document stays small"
        return ids

    ann.wait(lambda: look(-1500)[0] == 1, "the beginning")
    assert order and seen == set(range(1, 1001))
    ann.wait(lambda: look(1500)[-1] == 1000, "the end")
    assert order
    ann.wait(lambda: look(100000)[-1] == 1000 and not ann.element("#newest").is_displayed())


def test_what_is_read_does_not_move_when_more_comes(page, broker, door):
    eve = filled(door, broker, "dev", 300)
    ann = page("", "dev")
    ann.wait_text("message 300")
    ann.js("document.getElementById('scroll').scrollBy(0, -1500)")
    place = "return [...document.querySelectorAll('.message')].map((e) => [e.id, Math.round(e.getBoundingClientRect().top)]).find(([, top]) => top > 100)"
    ann.wait(lambda: ann.js("return document.querySelectorAll('.message').length") >= 200, "more was loaded")
    name, top = ann.js(place)
    for n in range(5):
        eve.say("dev", f"new {n}")
    ann.wait_text("new 4")
    again = ann.js("return Math.round(document.getElementById(arguments[0]).getBoundingClientRect().top)", name)
    assert abs(again - top) <= 1
    ann.click("#newest")
    ann.wait(lambda: ann.js("const s = document.getElementById('scroll'); return s.scrollHeight - s.scrollTop - s.clientHeight < 5"))


# --- what others write

HOSTILE = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 2'>",
    "</li></ol><h1>title</h1><iframe src='https://example.org/'>",
    '"><svg onload=window.hacked=3>',
    "{{constructor.constructor('window.hacked=4')()}} ${window.hacked=5}",
    "javascript:window.hacked=6 JaVaScRiPt:alert(1) data:text/html,<script>window.hacked=7</script>",
    "https://example.org/\"onmouseover=\"window.hacked=8",
    "https://user@evil.example/ vbscript:x file:///etc/passwd",
    "abc\u202edef\u2066ghi",
    "a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301b",
    "bell\x07 escape\x1b[31m c1\u009b",
    "zero\u200bwidth\ufeff",
    "\u2028line\u2029paragraph",
]


def test_what_others_write_is_text(page, broker, door):
    eve = door(broker, "eve", hello=True)
    eve.join("dev")
    for text in HOSTILE:
        eve.say("dev", text)
    eve.ask("TOPIC", "dev", "<b onclick=window.hacked=9>\u202etopic</b>")
    seq = eve.say("dev", "for reactions").json["seq"]
    eve.ask("REACT", "dev", str(seq), "<i>x</i>")
    ann = page("ann", "dev")
    ann.wait_text("for reactions")
    ann.wait(lambda: ann.text("#topic") == "<b onclick=window.hacked=9><U+202E>topic</b>")
    ann.wait(lambda: "<i>x</i> 1" in ann.told("for reactions"))
    ann.choose("for reactions")
    ann.keys("r")
    shown = ann.messages()
    for text in HOSTILE[:7]:
        assert text in shown, text
    assert "abc<U+202E>def<U+2066>ghi" in shown
    assert "a" + "\u0301" * 4 + "b" in shown
    assert "bell^G escape^[[31m c1<U+009B>" in shown
    assert "zerowidth" in shown
    assert "<U+2028>line<U+2029>paragraph" in shown
    assert ann.js("return window.hacked") is None
    links = ann.js("return [...document.querySelectorAll('#messages a')].map((a) => [a.href, a.rel, a.target])")
    assert [href for href, _, _ in links] == ["https://example.org/", "https://example.org/"]
    assert all(rel == "noopener noreferrer" and target == "_blank" for _, rel, target in links)
    made = ann.js("return [...document.querySelectorAll('script, iframe, img, svg, b, i, object, embed')].map((e) => e.outerHTML)")
    assert len(made) == 1 and "page.js" in made[0], made
    # in a search, too
    ann.click("#search-open")
    ann.keys("window.hacked", Keys.ENTER)
    ann.wait(lambda: ann.js("return document.querySelectorAll('#hits li').length") >= 3, "hits")
    assert ann.js("return document.querySelectorAll('#hits :not(li, button, span, time, div, mark)').length") == 0
    assert ann.js("return window.hacked") is None
    assert not ann.browser_log()


def test_names_that_every_object_has(page, broker, door):
    """What is asked of JavaScript objects by such names is not what others said."""
    people = [door(broker, name, hello=True) for name in ("__proto__", "constructor")]
    for one in people:
        for room in ("__proto__", "constructor", "dev"):
            one.join(room)
            one.say(room, f"in {room}")
    ann = page("ann", "dev")
    ann.wait(lambda: ann.messages() == ["in dev"] * 2)
    ann.wait(lambda: {"__proto__", "constructor"} <= set(ann.text("#who-list").splitlines()))
    for room in ("__proto__", "constructor"):
        ann.click(f'#rooms a[href="#{room}"]')
        ann.wait(lambda room=room: ann.text("#title") == f"#{room}" and ann.messages() == [f"in {room}"] * 2)
        ann.say("x")
        ann.wait(lambda room=room: ann.messages() == [f"in {room}"] * 2 + ["x"] and not ann.pending())
    one.ask("TELL", "ann", "psst")
    ann.click('#people a[href="#%40constructor"]')
    ann.wait(lambda: ann.messages() == ["psst"])
    assert not ann.browser_log()


def test_the_page_asks_nobody_else_and_is_small(page, web):
    ann = page("ann", "dev")
    ann.say("x")
    ann.wait_text("x")
    fetched = ann.js("return performance.getEntriesByType('resource').map((e) => e.name)")
    assert all(name.startswith(web.url) for name in fetched)
    files = {re.sub(r"[?#].*", "", name)[len(web.url):] for name in fetched} & {f.name for f in FILES} | {""}
    assert files >= {"page.js", "page.css", "state.js", "text.js"}
    sizes = [len(web.get(name, **{"Accept-Encoding": "gzip"})[0]) for name in files]
    assert sum(sizes) < 100_000
    _, headers = web.get("")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "script-src 'self'" in policy and "frame-ancestors 'none'" in policy
    # the policy is obeyed: neither script nor style within the page
    html = web.get("")[0].decode()
    assert not re.search(r"<script(?![^>]*src=)|<style|\bstyle=|\bon\w+=", html)
    ann.js("const e = document.createElement('script'); e.textContent = 'window.hacked = 1'; document.body.append(e)")
    assert ann.js("return window.hacked") is None


FILES = list((build.ROOT / "client/web/page").glob("*.*"))


# --- who cannot see, has no mouse, or a small screen


def test_axe_finds_nothing(page, broker, door):
    bob = door(broker, "bob", hello=True)
    bob.join("dev")
    bob.say("dev", "hello @ann, see https://example.org/")
    ann = page("ann", "dev")
    ann.wait_text("hello")
    ann.choose("hello @ann, see https://example.org/")
    ann.keys("r")
    ann.say("a reply")
    ann.wait(lambda: "a reply" in ann.messages())
    ann.choose("a reply")
    for dark in (False, True):
        if dark:
            ann.dark()
        assert ann.axe() == []
        for opens in ("#search-open", "#keys-open", "#goto-open"):
            ann.click(opens)
            assert ann.axe() == [], opens
            ann.keys(Keys.ESCAPE)
        ann.choose("a reply")
        ann.keys("+")
        assert ann.axe() == [], "reactions"
        ann.keys(Keys.ESCAPE)
    ann.phone()
    assert ann.axe() == []
    ann.click("#side-open")
    assert ann.axe() == []
    # and it would tell
    ann.js("document.getElementById('compose').removeAttribute('aria-label'); document.getElementById('compose').placeholder = ''")
    assert [rule for _, rule, _ in ann.axe()] == ["label"]


def test_a_guest_reads_and_signs_in(page, broker, door):
    door(broker, "bob", hello=True).say("dev", "for everybody")
    guest = page("", "dev")
    guest.wait_text("for everybody")
    assert not guest.element("#compose").is_displayed()
    assert guest.axe() == []
    token = tokens.make(broker.data, "ann")
    guest.click("#guest-sign")
    guest.keys("ann", Keys.TAB, "0" * 64, Keys.ENTER)
    guest.wait_text("not right", "#signing-error")
    assert guest.axe() == []
    field = guest.element("#signing-token")
    field.clear()
    field.send_keys(token, Keys.ENTER)
    guest.wait_text("ann", "#whoami")
    guest.wait_live()
    guest.say("now I speak")
    guest.wait(lambda: "now I speak" in guest.messages())
    assert token not in guest.js("return JSON.stringify(localStorage) + document.cookie + location.href")


def test_keys_alone(page, broker, door):
    bob = door(broker, "bob", hello=True)
    bob.join("dev")
    for text in ("one", "two", "three"):
        bob.say("dev", text)
    bob.say("lobby", "elsewhere")
    ann = page("ann", "dev")
    ann.wait_text("three")
    ann.wait(lambda: ann.focus() == "compose", "one can write at once")
    ann.keys(Keys.SHIFT + Keys.F6)
    ann.wait(lambda: "three" in ann.js("return document.activeElement.textContent"))
    ann.keys(Keys.ARROW_UP)
    ann.wait(lambda: "two" in ann.js("return document.activeElement.textContent"))
    ann.keys(Keys.HOME)
    ann.wait(lambda: "one" in ann.js("return document.activeElement.textContent"))
    ann.keys("r")
    ann.wait(lambda: ann.focus() == "compose" and "one" in ann.text("#context-text"))
    ann.keys("an answer", Keys.ENTER)
    ann.wait(lambda: "an answer" in ann.messages())
    ann.keys(Keys.SHIFT + Keys.F6)
    ann.keys(Keys.END)
    ann.wait(lambda: "an answer" in ann.js("return document.activeElement.textContent"))
    ann.keys("j")
    ann.wait(lambda: "one" in ann.js("return document.activeElement.textContent"))
    ann.keys("+")
    ann.wait(lambda: ann.js("return document.getElementById('reaction').open"))
    ann.keys(Keys.TAB, Keys.ENTER)
    ann.wait(lambda: "👍 1" in ann.told("one") and ann.focus() == "m1")
    ann.keys(Keys.END)
    ann.keys("e")
    ann.wait(lambda: ann.focus() == "compose")
    ann.keys(" changed", Keys.ENTER)
    ann.wait(lambda: "an answer changed" in ann.messages())
    ann.keys(Keys.SHIFT + Keys.F6)
    ann.keys(Keys.END)
    ann.keys(Keys.DELETE)
    ann.wait(lambda: ann.focus() == "removal-no")
    ann.keys(Keys.SHIFT + Keys.TAB)
    ann.keys(Keys.ENTER)
    ann.wait(lambda: "an answer changed" not in ann.messages())
    ann.keys(Keys.ESCAPE)
    ann.wait(lambda: ann.focus() == "compose")
    ann.keys(Keys.ALT + Keys.ARROW_DOWN)
    ann.wait(lambda: ann.text("#title") == "#lobby")
    ann.keys(Keys.CONTROL + "k")
    ann.keys("dev", Keys.ENTER)
    ann.wait(lambda: ann.text("#title") == "#dev")
    ann.keys(Keys.CONTROL + "/")
    ann.wait(lambda: "send" in ann.text("#keys-list"))
    ann.keys(Keys.ESCAPE)
    # what is heard while one writes is told to a screen reader
    bob.say("dev", "news")
    ann.wait_text("news")
    assert ann.js("return document.querySelector('#spoken').lastChild.textContent") == "bob: news"
    assert ann.js("return document.querySelector('#spoken').getAttribute('aria-live')") == "polite"


def test_a_phone(page, broker, door):
    bob = door(broker, "bob", hello=True)
    bob.say("dev", "w" * 500 + " " + "слово" * 60)
    bob.say("lobby", "elsewhere")
    ann = page("ann", "dev")
    ann.phone()
    ann.wait_text("слово")
    fits = "return document.documentElement.scrollWidth <= 360 && document.getElementById('scroll').scrollWidth <= 360"
    assert ann.js(fits)
    assert not ann.element("#rooms").is_displayed()
    ann.click("#side-open")
    ann.click('#rooms a[href="#lobby"]')
    ann.wait_text("elsewhere")
    ann.wait(lambda: not ann.element("#rooms").is_displayed())
    ann.element("#compose").send_keys("from a phone")
    ann.click("#send")
    ann.wait(lambda: "from a phone" in ann.messages())
    ann.click("#who-open")
    ann.wait_text("ann", "#who-list")
    ann.click("#who-close")
    assert ann.js(fits)
    small = ann.js("""return [...document.querySelectorAll('button')].filter((b) => b.offsetParent)
        .map((b) => [b.id, b.getBoundingClientRect()]).filter(([, box]) => box.height < 24 || box.width < 24).map(([id]) => id)""")
    assert small == [], "fingers find them"


def test_russian(page, broker, door):
    bob = door(broker, "bob", hello=True)
    bob.join("dev")
    bob.say("dev", "привет")
    ann = page("ann", "dev", language="ru-RU,ru")
    ann.wait_text("привет")
    assert ann.js("return document.documentElement.lang") == "ru"
    assert ann.text("#send") == "Отправить"
    assert "Вы вошли как ann" in ann.text("#whoami")
    assert ann.element("#compose").get_attribute("aria-label") == "Сообщение в #dev"
    assert ann.axe() == []
    ann.phone()
    assert ann.js("return document.documentElement.scrollWidth") <= 360
