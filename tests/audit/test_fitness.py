"""For which talk a call is fit follows from what was found, and silence is not called fit."""

from audit.made import flow, media, scan, seen, server_hello, stream, web
from ringfence._core import fence
from ringfence.audit import Audit, Question
from ringfence.audit.catalogue import SEVERITIES, TALKS, catalogue
from ringfence.audit.fencing import Fence
from ringfence.audit.places import Places

ANYWHERE = 'name = "This one"\nversion = 1\n[allow]\ncountries = ["CA"]\nlaw = ["*"]\n[evidence]\nminimum = "stated"\n'


def verdicts(audit: Audit, question: Question | None = None) -> list[str]:
    return [one.verdict for one in audit.report(question).fitness]


def test_clear_media_is_fit_for_public_talk_alone() -> None:
    assert verdicts(scan(flow(["rtp"], stream(7, payload="readable", codec="Opus")))) == ["fit", "not fit", "not fit"]


def test_a_lesser_weakness_rules_out_confidential_talk_alone() -> None:
    assert verdicts(scan(flow(["dtls", "srtp"], server_hello(3, srtp_profile=2), stream(9)))) == [
        "fit",
        "fit",
        "not fit",
    ]


def test_without_a_sign_of_end_to_end_encryption_confidential_talk_is_not_shown_to_be_fit() -> None:
    assert verdicts(scan(media(), web())) == ["fit", "fit", "not shown"]


def test_a_second_layer_and_servers_inside_the_fence_are_fit_for_all() -> None:
    sealed = media(stream(9), seen("sframe", 9, ssrc=1, forth=True, key_ids=[1]))
    assert verdicts(scan(sealed)) == ["fit", "fit", "not shown"]
    places = Places()
    nothing_decided = Question(places=places, fence=Fence(fence.parse_policy(ANYWHERE), places))
    assert verdicts(scan(sealed), nothing_decided) == ["fit", "not fit", "not fit"]


def test_a_capture_without_a_call_shows_nothing() -> None:
    assert verdicts(scan(web())) == ["not shown"] * 3


def test_each_verdict_has_a_reason() -> None:
    for audit in (scan(), scan(media()), scan(flow(["rtp"], stream(7, payload="readable")))):
        assert all(one.reasons for one in audit.report().fitness)


def test_the_catalogue_is_consistent() -> None:
    for kind in catalogue().values():
        assert kind.severity in SEVERITIES
        assert kind.weakness == (kind.severity != "note"), kind.id
        assert kind.unfit in ("", *TALKS)
        for words in (kind.title, kind.means, kind.confidence, kind.detected, kind.wrong, kind.do):
            assert words.strip() == words and words
