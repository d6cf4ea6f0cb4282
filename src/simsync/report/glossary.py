"""What the words mean that are not everybody's, each in a sentence; help and docs/glossary.md take it from here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from simsync.policy.policy import Vocabulary
from simsync.policy.words import USUAL_WORDS, Words

TERMS: Mapping[str, str] = {
    "as read": "what happens there depends on how the {page} is read: another option of the named reading gives "
    "another outcome",
    "cell": "a combination of values of all the facts that a decision table tests; a table must decide each of them "
    "that can come about",
    "combination": "one option of every reading",
    "effect": "what a row has done to the other {ticket}: deliver the {item}, remove its copy, or nothing, say",
    "gap": "a question that the {page} leaves open, by its number as G5; `simsync table statements` lists them",
    "hit policy": "how many rows of a decision table may decide a situation; here it is *unique*: exactly one, so that "
    "the order of rows means nothing",
    "link": "how {a_item} and its copy on the other {ticket} hang together: whether the copy follows, waits, or was "
    "cut off",
    "mutant": "the rules with one small fault planted, such as a row that says something else; scenarios that notice "
    "it kill it",
    "pair": "two transitions of one machine, one right after the other",
    "phase": "what a {status} means for synchronization: whether changes cross over, wait, or stay for good",
    "race": "two actions of which it matters, for what anybody sees, which is done first",
    "reading": "a place where the {page} is ambiguous, with the options that it can be read by; one is in force",
    "round": "actions that are done at once, with no settling between; it comes to what some order of them comes to",
    "row": "a line of a decision table: under these conditions this is so; it has an id, and cites what it rests on",
    "settle": "to wait until all that was done has reached the other {ticket}, and nothing moves any more",
    "statement": "a sentence of the {page} that the rules implement, by its number as S7; `simsync table statements` "
    "lists them",
    "synced": "a change reached the other {ticket}",
    "transition": "an arrow of a state machine: from these states, by this action, to that state",
}


def explained(words: Words, terms: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Some terms with what they mean in the words of a policy."""
    return ((term, words.say(TERMS[term])) for term in terms)


def page(vocabulary: Vocabulary) -> str:
    """docs/glossary.md: the words of simsync, and of some rules whom they tell."""
    head = "What simsync's words mean. `--help` explains those that a command uses.\n"
    lines = [f"- **{term}**: {about}." for term, about in explained(USUAL_WORDS, sorted(TERMS))]
    told = [f"- **{who}**: {about[:1].lower()}{about[1:]}" for who, about in sorted(vocabulary.recipients.items())]
    of_rules = "Whom the shipped rules tell, and `simsync find --facts` for any others:\n"
    made = "<!-- Written by `make docs`, of the words in src/simsync/report/glossary.py and machines/. -->"
    return "\n".join(["# Glossary", "", made, "", head, *lines, "", of_rules, *told, ""])
