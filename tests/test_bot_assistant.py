"""What the assistant says: dialogue tables in three languages, buttons, channels, and anything that people may type."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.assistant import Assistant
from bot.commands import command_in, nearly
from bot.messages import say
from bot.models import Action, Button, Message, Reply, Scope
from bot.stores import Stores
from tests.conftest import NOW, needs_voikko
from tips.answering import KnowledgeBase
from tips.confidence import Confidence
from tips.errors import DatabaseError
from tips.library import Snapshot
from tips.models import LANGUAGES, Band, Language, Pack, Text, Theme, Tip

ME, OTHER = "teams:me", "teams:other"
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
any_input = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def type_in(assistant: Assistant, text: str, person: str = ME, scope: Scope = Scope.PERSONAL) -> Reply:
    return assistant.respond(Message(text, person, "teams", scope), NOW)


def press(assistant: Assistant, action: Action, person: str = ME, scope: Scope = Scope.PERSONAL) -> Reply:
    return assistant.respond(Message("", person, "teams", scope, action), NOW)


def buttons(reply: Reply, name: str) -> list[Button]:
    return [button for choice in reply.choices for button in choice.buttons if button.action.name == name]


def questions(stores: Stores) -> list[dict[str, object]]:
    return list(stores.database.table("questions").rows)


def feedback(stores: Stores) -> list[dict[str, object]]:
    return list(stores.database.table("feedback").rows)


def everything(stores: Stores) -> str:
    return "\n".join(stores.database.conn.iterdump())


def use(stores: Stores, *tips: Tip, **thresholds: float) -> None:
    """Lets the assistant answer from these tips, as sure as the thresholds make it."""
    snapshot = Snapshot(1, Pack((Theme("theme", titles={"fi": "Aihe"}),), tips), ())
    vars(snapshot)["base"] = KnowledgeBase(tips, Confidence(**thresholds))
    stores.library.put(snapshot)


def finnish(tip_id: str, title: str) -> Tip:
    return Tip(tip_id, "theme", {"fi": Text(title, "Tekstiä.")})


DIALOGUE: list[tuple[str, str, Language, str]] = [
    ("moi", "greeting", "fi", "Kysy omin sanoin"),
    ("Hyvää päivää!", "greeting", "fi", "Moi!"),
    ("mitä kuuluu?", "how_are_you", "fi", "Kiitos, hyvin"),
    ("kiitti paljon", "thanks", "fi", "Ole hyvä"),
    ("näkemiin", "goodbye", "fi", "Hei hei"),
    ("kuka olet", "who_are_you", "fi", "ohjelma"),
    ("mitä teen nyt", "help_call", "fi", "Kiireessä auttaa: oman organisaatiosi IT-tuki"),
    ("mikä on paras kryptovaluutta", "hand_over", "fi", "Apua antaa: oman organisaatiosi IT-tuki"),
    ("vaihda kieli ruotsiksi", "language", "sv", "svarar på svenska"),
    ("apua", "help_call", "fi", "Mikä hätänä?"),
    ("Apua!!", "help_call", "fi", "oman organisaatiosi IT-tuki"),
    ("apua, klikkasin linkkiä", "tip", "fi", "phishing-clicked"),
    ("ohje", "help", "fi", "näytä tietoni"),
    ("teemat", "themes", "fi", "Mistä aiheesta"),
    ("kieli", "language", "fi", "Millä kielellä"),
    ("suomeksi", "language", "fi", "vastaan suomeksi"),
    ("näytä tietoni", "my_data", "fi", "tallessa"),
    ("poista tietoni", "delete_data", "fi", "Poistanko"),
    ("asetukset", "setup", "fi", "tietohallinto"),
    ("salasana vanheni, mitä teen", "tip", "fi", "password-change-expired"),
    ("mun mikki ei toimi palaverissa", "tip", "fi", "meeting-audio-problems"),
    ("mikä on maapallon ympärysmitta", "hand_over", "fi", "En löytänyt"),
    ("hej", "greeting", "sv", "Fråga med egna ord"),
    ("hej då", "goodbye", "sv", "Hej då"),
    ("trevlig helg", "goodbye", "sv", "Hej då"),
    ("tack så mycket", "thanks", "sv", "Varsågod"),
    ("vem är du", "who_are_you", "sv", "ett program"),
    ("hjälp mig", "help_call", "sv", "Vad har hänt?"),
    ("hjälp, jag klickade på en länk", "tip", "sv", "phishing-clicked"),
    ("hjälp", "help", "sv", "visa mina uppgifter"),
    ("teman", "themes", "sv", "Vilket ämne"),
    ("språk", "language", "sv", "På vilket språk"),
    ("på svenska", "language", "sv", "svarar på svenska"),
    ("visa mina uppgifter", "my_data", "sv", "sparats"),
    ("radera mina uppgifter", "delete_data", "sv", "Ska jag ta bort"),
    ("hur spelar jag in mötet", "tip", "sv", "meeting-record"),
    ("ja ha glömt lösenorde", "tip", "sv", "password-forgotten"),
    ("vad är det för väder", "hand_over", "sv", "Jag hittade inget svar"),
    ("hello", "greeting", "en", "in your own words"),
    ("thanks a lot", "thanks", "en", "You are welcome"),
    ("bye", "goodbye", "en", "Bye!"),
    ("who are you", "who_are_you", "en", "a program"),
    ("help me", "help_call", "en", "What happened?"),
    ("help, i clicked a link", "tip", "en", "phishing-clicked"),
    ("help", "help", "en", "show my data"),
    ("themes", "themes", "en", "Which topic"),
    ("language", "language", "en", "Which language"),
    ("in english", "language", "en", "answer in English"),
    ("show my data", "my_data", "en", "stored about you"),
    ("delete my data", "delete_data", "en", "Shall I delete"),
    ("how do i blur my background", "tip", "en", "meeting-background-blur"),
    ("who won the ice hockey championship", "hand_over", "en", "I found no answer"),
    ("???", "empty", "fi", "Kirjoita kysymys omin sanoin"),
    ("joo", "agreed", "fi", "Selvä"),
    ("ei", "declined", "fi", "Selvä"),
    ("mun isä kuoli eilen", "sorrow", "fi", "Olen pahoillani"),
    ("perkele", "anger", "fi", "Kerro omin sanoin, mikä ei toimi"),
    ("vittu mikki ei toimi", "tip", "fi", "meeting-audio-problems"),
    ("tulosta", "tip", "fi", "device-printer"),
    ("tila vinkit", "command_near", "fi", "Tarkoititko tätä"),
    ("nayta tietonni", "command_near", "fi", "Tarkoititko tätä"),
    ("visa mina uppgiter", "command_near", "sv", "Menade du det här"),
    ("show my dat", "command_near", "en", "Did you mean this"),
]


@pytest.mark.parametrize(("typed", "kind", "language", "fragment"), DIALOGUE)
def test_what_is_typed_gets_its_reply(
    assistant: Assistant, typed: str, kind: str, language: Language, fragment: str
) -> None:
    reply = type_in(assistant, typed)
    assert (reply.kind, reply.language) == (kind, language)
    assert fragment in (reply.tip.id if reply.tip else reply.text)


def test_a_bare_call_for_help_shows_the_support_number(assistant: Assistant, stores: Stores) -> None:
    stores.facts.put("it_support", "08 123 4567")
    for call in ("apua", "hjälp mig", "help me"):
        assert "08 123 4567" in type_in(assistant, call).text


def test_an_answer_shows_all_of_the_tip_and_what_to_press(assistant: Assistant) -> None:
    reply = type_in(assistant, "salasana vanheni")
    assert reply.tip
    assert reply.tip.id == "password-change-expired"
    assert reply.tip.title
    assert reply.tip.body
    assert reply.tip.link.startswith("https://")
    assert reply.tip.details.startswith("Salasanat · Tarkistettu ")
    assert reply.tip.details.endswith(", perusvinkki")
    assert [button.label for button in buttons(reply, "feedback")] == ["Auttoi", "Ei auttanut"]
    assert reply.choices[0].label == "Auttoiko tämä?"
    assert 1 <= len(buttons(reply, "tip")) <= 2
    assert reply.tip.id not in [button.action.values["tip"] for button in buttons(reply, "tip")]


def test_a_candidate_shows_its_tip_and_is_stored_as_chosen(assistant: Assistant, stores: Stores) -> None:
    candidate = buttons(type_in(assistant, "salasana vanheni"), "tip")[-1]
    reply = press(assistant, candidate.action)
    assert reply.tip
    assert (reply.tip.id, reply.tip.title) == (candidate.action.values["tip"], candidate.label)
    assert [row["chosen"] for row in questions(stores)] == [reply.tip.id]
    press(assistant, buttons(reply, "feedback")[0].action)
    assert [(row["tip"], row["helped"]) for row in feedback(stores)] == [(reply.tip.id, 1)]


def test_feedback_counts_once_a_person_and_the_last_press_counts(assistant: Assistant, stores: Stores) -> None:
    helped, not_helped = (button.action for button in buttons(type_in(assistant, "salasana vanheni"), "feedback"))
    for action in (helped, helped, not_helped):
        assert press(assistant, action).kind == "feedback"
    assert [row["helped"] for row in feedback(stores)] == [0]
    press(assistant, helped, OTHER)
    assert sorted(str(row["helped"]) for row in feedback(stores)) == ["0", "1"]


def test_feedback_holds_no_person(assistant: Assistant, stores: Stores) -> None:
    press(assistant, buttons(type_in(assistant, "salasana vanheni"), "feedback")[0].action)
    assert ME not in everything(stores)
    assert len(feedback(stores)) == 1


def test_feedback_is_answered_kindly_and_names_the_support(assistant: Assistant, stores: Stores) -> None:
    stores.facts.put("it_support", "08 123 4567")
    helped, not_helped = (button.action for button in buttons(type_in(assistant, "salasana vanheni"), "feedback"))
    assert press(assistant, helped).text == "Kiva kuulla!"
    assert "08 123 4567" in press(assistant, not_helped).text


def test_a_question_is_stored_without_its_asker(assistant: Assistant, stores: Stores) -> None:
    type_in(assistant, "Salasana vanheni")
    (row,) = questions(stores)
    assert (row["text"], row["language"], row["channel"], row["band"]) == ("Salasana vanheni", "fi", "teams", "answer")
    assert (row["tip"], row["chosen"], row["at"]) == ("password-change-expired", None, "2027-01-12T07:15:00Z")
    assert ME not in everything(stores)


def test_a_hand_over_is_honest_and_stores_the_question(assistant: Assistant, stores: Stores) -> None:
    use(stores, *(finnish(f"tip-{n}", f"Salasana {n}") for n in range(5)), answer_from=1.1, suggest_from=1.1)
    reply = type_in(assistant, "salasana")
    assert reply.text.startswith("En löytänyt tähän vastausta.")
    assert "ilman nimeäsi" in reply.text
    assert [button.action.values["tip"] for button in buttons(reply, "tip")] == ["tip-0", "tip-1", "tip-2"]
    assert [(row["text"], row["band"]) for row in questions(stores)] == [("salasana", "hand_over")]
    assert ME not in everything(stores)


def test_a_suggestion_offers_three_tips_and_none_of_them(assistant: Assistant, stores: Stores) -> None:
    use(stores, *(finnish(f"tip-{n}", f"Salasana {n}") for n in range(5)), answer_from=1.1, suggest_from=0)
    reply = type_in(assistant, "salasana")
    assert (reply.kind, reply.tip) == ("suggest", None)
    assert [button.label for button in buttons(reply, "tip")] == ["Salasana 0", "Salasana 1", "Salasana 2"]
    (none,) = buttons(reply, "none")
    assert press(assistant, none.action).kind == "none"
    assert press(assistant, buttons(reply, "tip")[1].action).kind == "tip"
    assert [row["chosen"] for row in questions(stores)] == ["tip-1"]


def test_small_talk_and_commands_are_not_stored(assistant: Assistant, stores: Stores) -> None:
    for text in ("moi", "tack", "help me", "ohje", "teemat", "näytä tietoni", "???", ""):
        type_in(assistant, text)
    assert questions(stores) == []


def test_a_knowledge_base_without_tips_hands_over(assistant: Assistant, stores: Stores) -> None:
    use(stores)
    for text, kind in [("salasana vanheni", "hand_over"), ("moi", "greeting"), ("teemat", "themes")]:
        assert type_in(assistant, text).kind == kind
    assert len(questions(stores)) == 1


def test_tips_in_finnish_only_are_shown_to_swedish_speakers_with_a_note(assistant: Assistant, stores: Stores) -> None:
    use(stores, finnish("one", "Authenticator puhelimessa"), finnish("two", "Kalenteri"), answer_from=0)
    reply = type_in(assistant, "hur får jag Authenticator att fungera på min telefon")
    assert reply.tip
    assert (reply.language, reply.tip.id) == ("sv", "one")
    assert reply.text == "Det här tipset finns bara på finska."
    assert buttons(reply, "feedback")[0].label == "Det hjälpte"


def test_an_own_tip_is_shown_as_the_organisations_own(assistant: Assistant, stores: Stores) -> None:
    use(stores, Tip("one", "theme", {"fi": Text("Salasana", "Tekstiä.")}, reviewed="2026-03", own=True))
    reply = press(assistant, Action("tip", {"tip": "one"}))
    assert reply.tip
    assert reply.tip.details == "Aihe · Tarkistettu 3/2026, oma vinkki"


# Channels


@pytest.mark.parametrize(("scope", "in_thread"), [(Scope.CHANNEL, True), (Scope.GROUP, False), (Scope.PERSONAL, False)])
def test_in_a_channel_the_answer_goes_to_the_thread(assistant: Assistant, scope: Scope, in_thread: bool) -> None:
    reply = type_in(assistant, "salasana vanheni", scope=scope)
    assert reply.in_thread is in_thread
    assert press(assistant, buttons(reply, "tip")[0].action, scope=scope).in_thread is in_thread
    assert type_in(assistant, "teemat", scope=scope).in_thread is in_thread


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_welcome_tells_what_is_stored_and_who_sees_it(assistant: Assistant, language: Language) -> None:
    alone = assistant.welcome(Scope.PERSONAL, language)
    shared = assistant.welcome(Scope.CHANNEL, language)
    assert say(language, "welcome") in alone.text
    assert say(language, "welcome") in shared.text
    assert "@Digivinkki" in shared.text
    assert "@Digivinkki" not in alone.text
    assert len(buttons(alone, "ask")) == 3


def test_the_welcome_speaks_the_default_language(stores: Stores) -> None:
    assert Assistant(stores, "sv").welcome(Scope.CHANNEL).language == "sv"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_find_tips(assistant: Assistant, language: Language) -> None:
    for button in buttons(assistant.welcome(Scope.PERSONAL, language), "ask"):
        reply = press(assistant, button.action)
        assert reply.kind in ("tip", "suggest")
        assert reply.language == language


# Languages


def test_a_chosen_language_decides_where_the_message_does_not_tell(assistant: Assistant) -> None:
    choices = buttons(type_in(assistant, "kieli"), "language")
    assert [button.label for button in choices] == ["suomi", "svenska", "English"]
    assert press(assistant, choices[1].action).language == "sv"
    assert type_in(assistant, "???").language == "sv"
    assert type_in(assistant, "Teams").language == "sv"
    assert type_in(assistant, "miten vaihdan vanhentuneen salasanan").language == "fi"
    assert type_in(assistant, "???", OTHER).language == "fi"


@pytest.mark.parametrize(("typed", "language"), [("suomeksi", "fi"), ("på svenska", "sv"), ("in english", "en")])
def test_a_language_is_chosen_by_its_name(assistant: Assistant, stores: Stores, typed: str, language: str) -> None:
    assert type_in(assistant, typed).language == language
    assert stores.people.person(ME).language == language


def test_the_clients_language_decides_for_who_has_chosen_none(assistant: Assistant) -> None:
    message = Message("???", ME, "teams", locale="en")
    assert assistant.respond(message, NOW).language == "en"
    type_in(assistant, "på svenska")
    assert assistant.respond(message, NOW).language == "sv"


# Themes


def test_themes_lead_to_their_tips(assistant: Assistant) -> None:
    themes = type_in(assistant, "teemat")
    passwords = next(button for button in buttons(themes, "theme") if button.action.values["theme"] == "passwords")
    assert passwords.label == "Salasanat"
    tips = press(assistant, passwords.action)
    assert "password-strong" in [button.action.values["tip"] for button in buttons(tips, "tip")]
    reply = press(assistant, buttons(tips, "tip")[0].action)
    assert reply.kind == "tip"
    assert buttons(reply, "feedback") == []  # nobody asked


# Protection

SECRETS = [
    ("hetuni on 131052-308T ja salasana vanheni", "131052-308T", "henkilötunnus"),
    ("maksoin kortilla 4111 1111 1111 1111 huijarille", "4111 1111 1111 1111", "kortin numero"),
    ("tilini FI21 1234 5600 0007 85 meni huijarille", "FI21 1234 5600 0007 85", "tilinumero"),
    ("salasanani on Kissa123", "Kissa123", "salasana"),
    ("mitt lösenord är Sommar2026, hur byter jag det", "Sommar2026", "lösenord"),
    ("my password is Summer2026 how do i change it", "Summer2026", "password"),
]


@pytest.mark.parametrize(("text", "secret", "named"), SECRETS)
def test_a_secret_is_neither_stored_nor_repeated_and_the_sender_is_warned(
    assistant: Assistant, stores: Stores, text: str, secret: str, named: str
) -> None:
    reply = type_in(assistant, text, scope=Scope.CHANNEL)
    assert len(reply.warnings) == 1
    assert named in reply.warnings[0]
    assert secret not in repr(reply)
    assert secret not in everything(stores)
    assert len(questions(stores)) == 1


def test_a_secret_in_a_pressed_example_is_masked_too(assistant: Assistant, stores: Stores) -> None:
    reply = press(assistant, Action("ask", {"text": "salasanani on Kissa123", "lang": "fi"}))
    assert reply.warnings
    assert "Kissa123" not in everything(stores)


@pytest.mark.parametrize(
    "text",
    [
        "salasana vanheni",
        "salasana on vanhentunut",
        "salasana on liian lyhyt",
        "lösenordet har gått ut",
        "mitt lösenord är för kort",
        "my password is expired",
        "my password is too short",
    ],
)
def test_talk_about_passwords_is_stored_as_it_is_without_a_warning(
    assistant: Assistant, stores: Stores, text: str
) -> None:
    assert type_in(assistant, text).warnings == ()
    assert [row["text"] for row in questions(stores)] == [text]


# When the database cannot be written


def test_the_asker_gets_the_answer_when_the_question_cannot_be_stored(assistant: Assistant, stores: Stores) -> None:
    stores.database.execute("PRAGMA query_only = 1")
    reply = type_in(assistant, "salasana vanheni")
    assert reply.kind == "tip"
    assert buttons(reply, "feedback") == []
    assert press(assistant, buttons(reply, "tip")[0].action).kind == "tip"
    assert "ilman nimeäsi" not in type_in(assistant, "mikä on maapallon ympärysmitta").text
    stores.database.execute("PRAGMA query_only = 0")
    assert questions(stores) == []


def test_what_needs_no_writing_works_when_the_database_cannot_be_written(assistant: Assistant, stores: Stores) -> None:
    candidate = buttons(type_in(assistant, "salasana vanheni"), "tip")[0]
    stores.database.execute("PRAGMA query_only = 1")
    assert press(assistant, candidate.action).kind == "tip"
    assert [type_in(assistant, text).kind for text in ("moi", "ohje", "teemat", "kieli")] == [
        "greeting",
        "help",
        "themes",
        "language",
    ]


def test_what_cannot_be_stored_is_said_plainly(assistant: Assistant, stores: Stores) -> None:
    stores.database.execute("PRAGMA query_only = 1")
    with pytest.raises(DatabaseError, match="cannot be written"):
        type_in(assistant, "på svenska")


# Buttons that were changed, or whose tip is gone

NOBODY_SENT = [
    Action("feedback", {}),
    Action("feedback", {"tip": "password-strong", "helped": "yes"}),
    Action("feedback", {"tip": "password-strong", "helped": "yes", "question": "99999"}),
    Action("feedback", {"tip": "password-strong", "helped": "yes", "question": "1 or 1=1"}),
    Action("feedback", {"tip": "password-strong", "helped": "yes", "question": "²"}),
    Action("feedback", {"tip": "password-strong", "helped": "yes", "question": "-1"}),
    Action("feedback", {"tip": "password-strong", "helped": "yes", "question": "9" * 30}),
    Action("feedback", {"tip": "password-strong", "helped": "perhaps", "question": "1"}),
    Action("feedback", {"tip": "no-such-tip", "helped": "yes", "question": "1"}),
    Action("tip", {}),
    Action("tip", {"tip": "no-such-tip", "question": "1"}),
    Action("tip", {"tip": "'; drop table tips; --", "question": "1"}),
    Action("theme", {"theme": "no-such-theme"}),
    Action("language", {"to": "de"}),
    Action("language", {}),
    Action("ask", {}),
    Action("setup", {"step": "start"}),
    Action("delete", {}),
    Action("no-such-action", {"lang": "xx"}),
    Action("", {}),
]


@pytest.mark.parametrize("action", NOBODY_SENT, ids=lambda action: action.name)
def test_a_changed_or_outdated_button_gets_a_polite_reply_and_stores_nothing(
    assistant: Assistant, stores: Stores, action: Action
) -> None:
    type_in(assistant, "salasana vanheni")
    before = everything(stores)
    reply = press(assistant, action)
    assert reply.text
    assert reply.kind in ("gone", "language", "setup", "delete_data", "empty")
    assert everything(stores) == before


def test_buttons_of_a_tip_that_is_gone_say_so(assistant: Assistant, stores: Stores) -> None:
    reply = type_in(assistant, "salasana vanheni")
    use(stores, finnish("other", "Kalenteri"))
    for button in (*buttons(reply, "tip"), *buttons(reply, "feedback")):
        assert press(assistant, button.action).kind == "gone"
    assert [row["chosen"] for row in questions(stores)] == [None]
    assert feedback(stores) == []


# Anything at all

BAD_INPUT: Mapping[str, str] = {
    "10,000 characters": "miten vaihdan salasanan " * 417,
    "10,000 letters": "ä" * 10_000,
    "emoji": "🔑👩‍👩‍👧‍👦🇫🇮",
    "FTS5 operators": 'salasana AND "unohtui" OR NEAR(a b, 3) NOT title:x * ^ - + {a b}: c',
    "quotes": "'\"`´’”\"''\"",
    "right to left": "\u202emitä \u05e9\u05dc\u05d5\u05dd\u202c \u0645\u0631\u062d\u0628\u0627",
    "zero width": "sala\u200bsana\u200d vanhe\ufeffni",
    "nothing visible": "\u200b\u200d\ufeff\u2800\u3164",
    "SQL": "'; DROP TABLE questions; -- ' OR '1'='1",
    "half an emoji": "salasana \ud83d vanheni",
    "control characters": "salasana\x00\x07\x1b[31m",
    "template": "{it_support} {0.__class__} %s ${x} {{7*7}} <script>alert(1)</script>",
}


@pytest.mark.parametrize("text", BAD_INPUT.values(), ids=BAD_INPUT)
def test_bad_input_gets_a_normal_reply(assistant: Assistant, stores: Stores, text: str) -> None:
    reply = type_in(assistant, text)
    assert reply.kind in ("tip", "suggest", "hand_over", "empty")
    assert (len(questions(stores)) == 1) == (reply.kind != "empty")


def test_invisible_characters_do_not_hide_the_question(assistant: Assistant) -> None:
    reply = type_in(assistant, BAD_INPUT["zero width"])
    assert reply.tip
    assert reply.tip.id == "password-change-expired"


@any_input
@given(ANY_TEXT, st.sampled_from(Scope), st.sampled_from([None, *LANGUAGES]))
def test_any_text_gets_a_reply(assistant: Assistant, text: str, scope: Scope, locale: Language | None) -> None:
    reply = assistant.respond(Message(text, ME, "teams", scope, locale=locale), NOW)
    assert reply.kind
    assert reply.text or reply.tip or reply.choices
    assert reply.in_thread is (scope is Scope.CHANNEL)
    assert (reply.band is Band.ANSWER) <= (reply.tip is not None)


NAMES = ["tip", "feedback", "none", "theme", "language", "ask", "setup", "delete", "x"]
KEYS = ["tip", "question", "lang", "helped", "theme", "to", "text", "step", "answer"]
VALUES = ["password-strong", "1", "0", "yes", "no", "fi", "sv", "passwords", "start", "skip", "ask"]


@any_input
@given(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES) | ANY_TEXT))
def test_any_press_gets_a_reply(assistant: Assistant, name: str, values: dict[str, str]) -> None:
    reply = press(assistant, Action(name, values))
    assert reply.kind
    assert reply.language in LANGUAGES


def test_a_mistyped_command_is_run_by_a_press_or_searched_for(assistant: Assistant, stores: Stores) -> None:
    run, search = type_in(assistant, "näytä tietonni").choices[0].buttons
    assert (run.label, search.label) == ("näytä tietoni", "Ei, etsi vinkki")
    assert questions(stores) == []
    assert press(assistant, run.action).kind == "my_data"
    assert press(assistant, run.action, scope=Scope.CHANNEL).kind == "privately"
    assert press(assistant, search.action).band is not None
    assert [row["text"] for row in questions(stores)] == ["näytä tietonni"]


def test_no_way_of_asking_is_taken_for_a_mistyped_command(starter_pack: Pack) -> None:
    texts = [(t, language) for tip in starter_pack.tips for language, t in tip.texts.items()]
    asked = [(phrasing, language) for text, language in texts for phrasing in (text.title, *text.phrasings)]
    assert [text for text, language in asked if nearly(text, language) and not command_in(text, language)] == []


def test_a_code_alone_is_not_stored_and_nothing_else_is_said(assistant: Assistant, stores: Stores) -> None:
    reply = type_in(assistant, "131052-308T")
    assert (reply.kind, reply.text, reply.choices) == ("masked", "", ())
    assert "En tallentanut sitä" in reply.warnings[0]
    assert questions(stores) == []


@pytest.mark.parametrize(
    ("said", "kind"), [("joo", "thanks_helped"), ("ei", "follow_up"), ("ok", "thanks_helped"), ("kiitos", "thanks")]
)
def test_a_word_under_a_tip_says_whether_it_helped(assistant: Assistant, said: str, kind: str) -> None:
    type_in(assistant, "mikki ei toimi")
    assert type_in(assistant, said).kind == kind


@pytest.mark.parametrize(
    ("question", "language", "both"),
    [
        ("lost phone", "en", {"mobile-lost-stolen", "mfa-new-phone"}),
        pytest.param("väärä vastaanottaja", "fi", {"outlook-recall-undo", "privacy-data-breach"}, marks=needs_voikko),
    ],
)
def test_two_tips_that_are_about_equally_likely_are_shown_together(
    assistant: Assistant, stores: Stores, question: str, language: Language, both: set[str]
) -> None:
    reply = type_in(assistant, question)
    assert reply.tip
    assert {reply.tip.id, *(tip.id for tip in reply.more)} == both
    assert (reply.text, reply.band) == (say(language, "together"), Band.SUGGEST)
    (choice,) = [choice for choice in reply.choices if choice.once]
    first, second, neither = choice.buttons
    assert {first.action.values["tip"], second.action.values["tip"]} == both
    press(assistant, second.action)
    assert [(row["tip"], row["helped"]) for row in feedback(stores)] == [(second.action.values["tip"], 1)]
    press(assistant, neither.action)
    assert [row["helped"] for row in feedback(stores)] == [0]


@pytest.mark.parametrize("question", ["salasana vanheni", "uusi puhelin", "mikä on maapallon ympärysmitta"])
def test_an_answer_three_of_a_kind_or_nothing_shows_no_pair(assistant: Assistant, question: str) -> None:
    assert type_in(assistant, question).more == ()


@pytest.mark.parametrize(("sign", "kind"), [("👍", "thanks_helped"), ("👎", "follow_up")])
def test_a_thumb_under_a_tip_says_whether_it_helped(assistant: Assistant, sign: str, kind: str) -> None:
    assert type_in(assistant, "miten sumennan taustan").tip
    assert type_in(assistant, sign).kind == kind


@pytest.mark.parametrize(
    ("word", "language"), [("peruuta", "fi"), ("Lopeta!", "fi"), ("avbryt", "sv"), ("cancel", "en")]
)
def test_what_is_unfinished_is_left_by_a_word(
    assistant: Assistant, stores: Stores, word: str, language: Language
) -> None:
    type_in(assistant, "jaa vinkki")
    assert type_in(assistant, word) == Reply(language, say(language, "cancelled"), kind="cancel")
    assert type_in(assistant, word).text == say(language, "cancel_nothing")
    assert stores.people.dialog(ME) is None
    assert questions(stores) == []
    assert list(stores.database.table("drafts").rows) == []


def test_in_a_channel_stopping_is_not_taken_for_a_private_matter(assistant: Assistant) -> None:
    type_in(assistant, "jaa vinkki")
    assert type_in(assistant, "stop", scope=Scope.CHANNEL).kind != "cancel"
