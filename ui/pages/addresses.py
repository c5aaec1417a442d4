"""A page's state in its address: ?tab=groups&group=3. Links in the app lead to such addresses.
(`page` would be taken by Gradio, for apps of several pages.)
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from agent.readings import ask_of_item, ask_of_topic

# When a window opens: its address goes to Python, and the page that it names comes forward.
READ = "(conversation, _) => [conversation, window.tribune.address()]"
BEGIN = "() => window.tribune.begin()"
# After an event that changed what a page shows.
NOTE = "() => window.tribune.note()"


@dataclass(frozen=True)
class Address:
    """The query of the page's address as the browser gave it."""

    query: str = ""

    def get(self, name: str) -> str:
        """The value of a part of the state, or ''."""
        return dict(parse_qsl(self.query.removeprefix("?"))).get(name, "")

    def number(self, name: str) -> int | None:
        """The same as a whole number, where it is one."""
        value = self.get(name)
        return int(value) if value.isdecimal() and len(value) < 10 else None


def of_group(group_id: int) -> str:
    """The groups page with this group, as an attribute's value."""
    return _write(tab="groups", group=str(group_id))


def of_user(user_id: str) -> str:
    """The recommendations for a user."""
    return _write(tab="recommend", user=user_id)


def of_group_list(group_id: str) -> str:
    """The recommendations for a group."""
    return _write(tab="recommend", group=group_id)


def of_desk(user_id: str) -> str:
    """The service desk with this customer, or none."""
    return _write(tab="desk", user=user_id) if user_id else _write(tab="desk")


def of_alert(alert: str) -> str:
    """The watch with this alert's chart."""
    return _write(tab="watch", alert=alert)


def of_topic(name: str) -> str:
    """The chat, asked about a topic."""
    return _write(tab="chat", ask=ask_of_topic(name))


def of_item(title: str) -> str:
    """The chat, asked about an item."""
    return _write(tab="chat", ask=ask_of_item(title))


def link(address: str, text: str) -> str:
    """A link to an address of the app. text: HTML already."""
    return f'<a class="leads" href="?{address}">{text}</a>'


def _write(**state: str) -> str:
    return html.escape(urlencode(state))
