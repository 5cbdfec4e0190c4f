"""Teams as a person has it before them: the page of Microsoft's Agents Playground."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import FloatRect, Locator, Page, expect

SHOTS = Path("build/screenshots")


class Teams:
    """What a person does on the Playground's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cards = page.locator(".ac-adaptiveCard")

    def go_to(self, place: str) -> None:
        """Opens a chat or a channel."""
        self.page.get_by_role("treeitem", name=place).click()

    def say(self, text: str, *, mention: bool = False) -> None:
        """Says it in a chat, and waits for the answer's card."""
        before = self.cards.count()
        self._type(text, mention=mention)
        self.page.get_by_role("button", name="Send Message").click()
        expect(self.cards).to_have_count(before + 1)

    def post(self, text: str, *, mention: bool = True) -> Locator:
        """Posts it in a channel; the thread that it begins."""
        self._type(text, mention=mention)
        self.page.get_by_role("button", name="Post", exact=True).click()
        return self.page.get_by_role("group").filter(has=self.page.get_by_text(text, exact=True))

    def trigger(self, activity: str) -> None:
        """Makes Teams tell the bot of something that happened."""
        self.page.get_by_role("button", name="Mock an Activity").click()
        self.page.get_by_text(activity, exact=True).click()
        self.page.get_by_role("button", name="Send activity").click()

    def search(self, text: str) -> None:
        """Searches by the message extension."""
        self.page.get_by_role("button", name="Trigger Message Extension App").click()
        self.page.get_by_role("menuitem", name="Search Command").click()
        field = self.page.get_by_placeholder("Enter a search term")
        field.fill(text)
        field.press("Enter")

    def photograph(self, name: str, first: Locator, card: Locator, folder: Path = SHOTS) -> None:
        """A picture of the conversation from its first part to the card."""
        for notice in self.page.get_by_role("button", name="Dismiss Invoke Message").all():
            notice.click()  # the Playground's own, below a card that was pressed
        top, bottom = first.bounding_box(), card.bounding_box()
        assert top
        assert bottom
        left, right = bottom["x"] - 68, max(box["x"] + box["width"] for box in (top, bottom)) + 16
        above, below = top["y"] - 12, bottom["y"] + bottom["height"] + 12
        folder.mkdir(parents=True, exist_ok=True)
        clip: FloatRect = {"x": left, "y": above, "width": right - left, "height": below - above}
        self.page.screenshot(path=folder / name, clip=clip)

    def _type(self, text: str, *, mention: bool) -> None:
        self.page.get_by_role("textbox").first.click()
        if mention:
            self.page.keyboard.type("@")
            self.page.get_by_role("menuitem", name="Digivinkki").click()
        self.page.keyboard.type(f" {text}")
