"""The page of zchat-web in a real browser: Chromium without a screen, one for all tests of a file."""

import json
import os
import select
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import ElementClickInterceptedException, StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from . import build
from .broker import free_ports
from .wait import DEADLINE, wait_until

AXE = build.ROOT / "tests/web/node_modules/axe-core/axe.min.js"
# A person who waits; a page on a busy machine comes nowhere near it.
PATIENCE = 2 * DEADLINE


class Door:
    """zchat-web on a port of its own, the same after every start."""

    def __init__(self, folder: Path, endpoint: str, *args: str):
        folder.mkdir(parents=True, exist_ok=True)
        self.log_path = folder / "zchat-web.log"
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.command = [build.binary("zchat-web"), "--listen", f"127.0.0.1:{self.port}", "-e", endpoint, *args]
        self.process = None

    def start(self) -> "Door":
        reader, writer = os.pipe()
        os.set_inheritable(writer, True)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.command, "--ready-fd", str(writer)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=(writer,), env=build.environment(),
            )  # fmt: skip
        os.close(writer)
        try:
            assert select.select([reader], [], [], DEADLINE)[0], self.log
            assert os.read(reader, 100).startswith(b"ready "), self.log
        finally:
            os.close(reader)
        return self

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE)
        self.process = None

    def close(self) -> None:
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            assert self.process.wait(DEADLINE) == 0, self.log
        finally:
            if self.process.poll() is None:
                self.process.kill()
            self.process = None
        build.assert_clean(self.log, "zchat-web")

    def get(self, path: str, **headers) -> tuple:
        """The bytes of a file of the page as they come over the wire, and its headers."""
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            return answer.read(), answer.headers


class Browser:
    def __init__(self):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                         "--window-size=1200,800", "--lang=en-US", "--disable-background-timer-throttling",
                         "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
                         "--disable-component-update", "--disable-background-networking"):  # fmt: skip
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_script_timeout(PATIENCE)
        self.driver.set_page_load_timeout(PATIENCE)
        self.home = self.driver.current_window_handle

    def page(self, door: Door, name: str = "", token: str = "", room: str = "", language: str = "") -> "Page":
        """A window with the page, as who has this name and token, or as a guest."""
        self.driver.switch_to.new_window("window")
        return Page(self, door, name, token, room, language)

    def close_windows(self) -> None:
        for handle in self.driver.window_handles:
            if handle != self.home:
                self.driver.switch_to.window(handle)
                self.driver.close()
        self.driver.switch_to.window(self.home)
        self.driver.get_log("browser")

    def quit(self) -> None:
        self.driver.quit()


class Page:
    """One window. What is asked of it waits until it is so."""

    def __init__(self, browser: Browser, door: Door, name: str, token: str, room: str, language: str):
        self.browser, self.door, self.handle = browser, door, browser.driver.current_window_handle
        self.driver = browser.driver
        if language:
            agent = self.driver.execute_script("return navigator.userAgent")
            self.cdp("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=language)
        self.driver.get(door.url + "icon.svg")
        if name:
            kept = json.dumps({"name": name, "token": token})
            self.driver.execute_script("sessionStorage.setItem('zchat.who', arguments[0])", kept)
        self.load(room)

    def load(self, room: str = "") -> "Page":
        self.look().get(self.door.url + (f"#{room}" if room else ""))
        return self

    def look(self):
        if self.driver.current_window_handle != self.handle:
            self.driver.switch_to.window(self.handle)
        return self.driver

    def cdp(self, command: str, **options):
        return self.look().execute_cdp_cmd(command, options)

    def js(self, script: str, *arguments):
        return self.look().execute_script(script, *arguments)

    def element(self, selector: str):
        return self.look().find_element(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """What the element says to whoever looks; "" where it is not there, or hidden."""
        return self.js("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def wait(self, predicate, what: str = ""):
        try:
            return wait_until(predicate, PATIENCE, what, pause=0.05)
        except AssertionError as error:
            state = self.js("return [document.body.innerText, document.activeElement?.outerHTML?.slice(0, 200)]")
            raise AssertionError(f"{error}\n{state[0]}\nfocus: {state[1]}\n{self.browser_log()}\n{self.door.log[-2000:]}") from None

    def wait_text(self, text: str, selector: str = "#messages") -> None:
        self.wait(lambda: text in self.text(selector), f"{text!r} in {selector}")

    def wait_live(self) -> "Page":
        self.wait(lambda: self.text("#link") == "" and self.js("return document.querySelector('#title').textContent.length > 1"), "connected")
        return self

    def messages(self) -> list:
        """The texts of the messages on the page, in their order."""
        return self.js("return [...document.querySelectorAll('.message:not(.pending) .text')].map((e) => e.textContent)")

    def pending(self) -> list:
        return self.js("return [...document.querySelectorAll('.pending')].map((e) => [e.querySelector('.text').textContent, e.querySelector('.mark').textContent])")

    FIND = "const found = [...document.querySelectorAll('.message')].findLast((e) => e.querySelector('.text').textContent === arguments[0]);"

    def told(self, text: str) -> str:
        """All that the page says of the message with this text."""
        return self.js(self.FIND + "return found?.innerText ?? ''", text)

    def choose(self, text: str) -> None:
        """Give the focus to the message with this text, as a click or the finger does."""
        self.wait(lambda: self.js(self.FIND + "found?.focus(); return found?.contains(document.activeElement)", text), text)

    def click(self, selector: str) -> None:
        self.wait(lambda: self._click(selector), f"click on {selector}")

    def _click(self, selector: str) -> bool:
        element = next((e for e in self.look().find_elements(By.CSS_SELECTOR, selector) if e.is_displayed()), None)
        if element is None:
            return False
        try:
            element.click()
        except (StaleElementReferenceException, ElementClickInterceptedException):
            return False
        return True

    def keys(self, *keys: str) -> None:
        """Press keys where the focus is."""
        self.look().switch_to.active_element.send_keys(*keys)

    def say(self, text: str) -> None:
        self.element("#compose").send_keys(text, Keys.ENTER)

    def focus(self) -> str:
        """The id of what has the focus."""
        return self.js("return document.activeElement?.id ?? ''")

    def axe(self, *off: str) -> list:
        """What axe finds: [(how bad, rule, where)]."""
        if not AXE.exists():
            pytest.skip("tests/web: axe-core is not installed (npm ci)")
        self.js(AXE.read_text())
        found = self.look().execute_async_script(
            """const [off, done] = arguments;
            axe.run(document, { rules: Object.fromEntries(off.map((id) => [id, { enabled: false }])) })
              .then((all) => done([all.violations, all.passes.length]));""", list(off))
        violations, passes = found
        assert passes > 10, "axe looked at the page"
        return [(v["impact"], v["id"], [n["target"] for n in v["nodes"]]) for v in violations]

    def browser_log(self) -> list:
        return [
            entry["message"] for entry in self.look().get_log("browser")
            # the picture by which a window begins has no icon of its own
            if entry["level"] == "SEVERE" and "/favicon.ico" not in entry["message"]
        ]  # fmt: skip

    def dark(self) -> None:
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])

    def phone(self, width: int = 360, height: int = 640) -> None:
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=True)
