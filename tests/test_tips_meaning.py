"""Likeness in meaning, by a model that knows a dozen words: the port, the vectors kept, and what it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from tips import database
from tips.answering import KnowledgeBase
from tips.bm25 import Floats
from tips.confidence import Confidence
from tips.embedding import Embedder, NanoEmbedder, embedder
from tips.errors import ModelError
from tips.library import Library, embedded
from tips.meaning import Meaning
from tips.models import Band, Pack, Text, Tip
from tips.store import TipStore, migrations
from tips.tokens import words
from tips.vectors import Source, VectorStore, packed, sources, substance_of, title_of, unit

MEANINGS = ("salasana lösenord tunnussana avain", "kokous möte palaveri", "puhelin telefon luuri")


class WordEmbedder:
    """One direction for each meaning; every text also points the same way a little, as with the real model."""

    name = "words"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def passages(self, texts: Sequence[str]) -> Floats:
        return np.array([self.query(text) for text in texts], np.float32)

    def query(self, text: str) -> Floats:
        self.asked.append(text)
        said = words(text)
        vector = np.array([sum(word in meaning.split() for word in said) for meaning in MEANINGS] + [1.0], np.float32)
        return vector / np.linalg.norm(vector)


PASSWORD = Tip("password", "theme", {"fi": Text("Salasana vaihtuu", "Salasana vaihtuu työkoneella.")})
MEETING = Tip("meeting", "theme", {"fi": Text("Kokous alkaa", "Kokous alkaa linkistä."), "sv": Text("Möte", "Möte.")})
PHONE = Tip("phone", "theme", {"fi": Text("Puhelin", "Puhelin.", ("luuri hukassa", "puhelin hukkui"))})
TIPS = (PASSWORD, MEETING, PHONE)


def meaning(model: WordEmbedder, tips: Sequence[Tip] = TIPS) -> Meaning:
    return Meaning(model, tips, {key: source.vector(model) for key, source in sources(tips).items()})


@pytest.fixture
def store() -> Iterator[TipStore]:
    opened = database.in_memory([migrations])
    store = TipStore(opened)
    store.add(Pack((), TIPS))
    yield store
    opened.close()


def test_the_substance_of_a_tip_is_its_phrasings_and_of_a_bare_one_its_body() -> None:
    assert substance_of(PHONE.texts["fi"], 3) == Source(("luuri hukassa", "puhelin hukkui"), asked=True)
    assert substance_of(PASSWORD.texts["fi"], 3) == Source(("Salasana vaihtuu työkoneella.",), asked=False)


def test_of_many_bare_tips_less_is_read() -> None:
    long = Text("Otsikko", "sana " * 1000)
    assert len(substance_of(long, 5_000).texts[0]) < len(substance_of(long, 500).texts[0]) < len(long.body)


def test_a_title_and_a_phrasing_of_the_same_words_have_one_vector_and_a_body_another() -> None:
    text = Text("Puhelin", "Puhelin.", ("Puhelin",))
    assert title_of(text).key == substance_of(text, 1).key
    assert title_of(text).key != substance_of(Text("Muu", "Puhelin"), 1).key


def test_the_vector_of_several_questions_lies_between_them() -> None:
    model = WordEmbedder()
    between = unit(Source(("avain", "luuri"), asked=True).vector(model).astype(np.float32))
    assert between @ model.query("avain") == pytest.approx(between @ model.query("luuri"), abs=0.02)


def test_a_title_is_asked_of_its_tip_without_it() -> None:
    found = meaning(WordEmbedder())
    ids = [tip.id for tip in TIPS]
    asked, rehearsed = found.likeness("Salasana vaihtuu", "fi", ids), found.rehearsed(PASSWORD, "fi", ids)
    assert rehearsed[1:] == pytest.approx(asked[1:], abs=0.1)
    tip = replace(PASSWORD, texts={"fi": Text("Avain", "Kokous.")})
    assert meaning(WordEmbedder(), [tip]).rehearsed(tip, "fi", ["password"])[0] == 0.0


def test_a_tip_is_found_by_its_meaning_where_it_shares_no_word() -> None:
    base = KnowledgeBase(TIPS, Confidence()).with_meaning(meaning(WordEmbedder()))
    assert [match.id for match in KnowledgeBase(TIPS).answer("avain", "fi").matches] == []
    assert base.answer("avain", "fi").matches[0].id == "password"


def test_a_tip_without_the_language_of_the_question_is_found_in_another() -> None:
    base = KnowledgeBase(TIPS, Confidence()).with_meaning(meaning(WordEmbedder()))
    answer = base.answer("lösenord", "sv")
    assert answer.matches[0].id == "password"
    assert answer.language == "sv"
    assert "likeness in meaning weighed in" in answer.notes
    assert answer.matches[0].features["meaning"] > 0


def test_the_model_is_not_asked_where_the_light_ranking_is_sure() -> None:
    model = WordEmbedder()
    base = KnowledgeBase(TIPS, Confidence(answer_from=0.0)).with_meaning(meaning(model))
    answer = base.answer("puhelin hukkui", "fi")
    assert answer.band is Band.ANSWER
    assert "meaning" not in answer.matches[0].features


def test_words_that_tell_nothing_are_no_more_sure_by_their_meaning() -> None:
    base = KnowledgeBase(TIPS, Confidence()).with_meaning(meaning(WordEmbedder()))
    assert base.answer("miten se on", "fi").confidence == 0.0


def test_a_missing_vector_is_an_error() -> None:
    with pytest.raises(KeyError):
        Meaning(WordEmbedder(), TIPS, {})


def test_no_tips_have_no_meaning() -> None:
    assert KnowledgeBase(()).with_meaning(Meaning(WordEmbedder(), (), {})).answer("salasana", "fi").matches == ()


def test_packed_vectors_keep_their_angles() -> None:
    vectors = np.random.default_rng(1).normal(size=(20, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    small = unit(packed(vectors).astype(np.float32))
    assert np.abs(small @ vectors.T - vectors @ vectors.T).max() < 0.002


def test_vectors_are_kept_by_model_and_forgotten_when_their_tips_are(store: TipStore) -> None:
    one, other = store.vectors("one"), store.vectors("other")
    one.put({"a": packed(np.array([1.0, 0.0])), "b": packed(np.array([0.0, 1.0]))})
    other.put({"a": packed(np.array([0.5, 0.5]))})
    assert one.of(["a", "b", "c"])["b"].tolist() == [0, 127]
    one.keep(["a"])
    assert list(one.of(["a", "b"])) == ["a"]
    assert other.of(["a"]) == {}


def test_many_vectors_are_read_at_once(store: TipStore) -> None:
    kept = VectorStore(store.vectors("one")._db, "one")
    kept.put({str(n): packed(np.array([1.0])) for n in range(1201)})
    assert len(kept.of(map(str, range(2000)))) == 1201


def test_the_library_answers_by_the_light_ranking_until_all_vectors_are_there(store: TipStore) -> None:
    model = WordEmbedder()
    library = Library(store, model)
    snapshot = library.put(library.read())
    assert len(snapshot.missing) == 8
    assert snapshot.base.answer("avain", "fi").matches == ()
    whole = library.put(library.whole(snapshot))
    assert whole.base.answer("avain", "fi").matches[0].id == "password"
    assert model.asked.count("Kokous alkaa linkistä.") == 1


def test_vectors_are_computed_once(store: TipStore) -> None:
    Library(store, WordEmbedder()).whole(Library(store, WordEmbedder()).read())
    model = WordEmbedder()
    library = Library(store, model)
    assert not library.whole(library.read()).missing
    changed = replace(PASSWORD, texts={"fi": Text("Salasana", "Uusi teksti.")})
    store.add(Pack((), (changed,)))
    library.whole(library.read())
    assert model.asked == ["Salasana", "Uusi teksti."]


def test_vectors_are_computed_some_at_a_time(store: TipStore) -> None:
    store.add(Pack((), tuple(Tip(f"tip-{n}", "theme", {"fi": Text(f"Aihe {n}", "Tekstiä.")}) for n in range(20))))
    library = Library(store, WordEmbedder())
    snapshot = library.read()
    some, every = embedded(snapshot, lambda: True), embedded(snapshot, lambda: False)
    assert 0 < len(some) < len(every) == len(snapshot.missing)


def test_without_a_model_nothing_is_missing(store: TipStore) -> None:
    library = Library(store)
    snapshot = library.read()
    assert snapshot.missing == {}
    assert library.whole(snapshot) is snapshot
    assert embedded(snapshot, lambda: False) == {}


def test_the_wheel_is_asked_one_text_at_a_time() -> None:
    class Wheel:
        def passage(self, text: str) -> list[float]:
            return [float(len(text)), 0.0]

        def query(self, text: str) -> list[float]:
            return [0.0, float(len(text))]

    model = NanoEmbedder(Wheel)
    assert model.passages(["a", "bb"]).tolist() == [[1.0, 0.0], [2.0, 0.0]]
    assert model.query("ccc").tolist() == [0.0, 3.0]


def test_the_model_can_be_left_out() -> None:
    assert [embedder(chosen) for chosen in ("off", "OFF", "0", "no")] == [None] * 4


def test_the_model_is_loaded_when_it_is_first_asked() -> None:
    def load() -> object:
        raise OSError("libgomp.so.1: cannot open shared object file")

    model = NanoEmbedder(load)
    with pytest.raises(ModelError, match=r"multilingual-e5-small-q4 cannot be loaded \(OSError\)"):
        model.query("salasana")


def test_where_the_model_fails_the_light_ranking_answers() -> None:
    class Broken(WordEmbedder):
        def query(self, text: str) -> Floats:
            raise ModelError("the model words cannot be loaded")

    light = KnowledgeBase(TIPS, Confidence(answer_from=1.1))
    base = light.with_meaning(replace_model(meaning(WordEmbedder()), Broken()))
    assert base.answer("puhelin hukkui", "fi") == light.answer("puhelin hukkui", "fi")


def replace_model(kept: Meaning, model: WordEmbedder) -> Meaning:
    kept._embedder = model
    return kept


# With the real model, where it is installed.


def test_the_real_model_puts_the_same_thing_in_two_languages_near_each_other(nano: Embedder) -> None:
    passages = nano.passages(["Vaihda salasana", "Liity Teams-kokoukseen"])
    query = nano.query("jag måste byta lösenord")
    assert np.linalg.norm(query) == pytest.approx(1, abs=1e-3)
    assert passages[0] @ query > passages[1] @ query


@pytest.mark.parametrize("text", ["", "\ud83d half of an emoji", "a\0b", "ä" * 1000, "🙂🙃🔑" * 20])
def test_the_real_model_takes_any_text(nano: Embedder, text: str) -> None:
    assert np.isfinite(nano.query(text)).all()


def test_the_real_model_may_be_asked_in_several_threads(nano: Embedder) -> None:
    texts = [f"salasana {n}" for n in range(12)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(nano.query, texts))
    assert np.array_equal(together, [nano.query(text) for text in texts])
