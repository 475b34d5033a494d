import json

from runtime.report.dump import dump
from tests.runtime.report import sample


def test_the_result_comes_back() -> None:
    assert json.loads(dump(sample.result())) == sample.result()


def test_the_order_in_which_keys_were_set_does_not_show() -> None:
    backwards = dict(reversed(sample.result().items()))
    assert list(backwards) != list(sample.result())
    assert dump(backwards) == dump(sample.result())


def test_it_is_text_that_ends_in_a_newline_and_keeps_letters() -> None:
    result = sample.result()
    result["modules"][0]["path"] = "gerät.ko"
    assert dump(result).endswith("}\n")
    assert "gerät.ko" in dump(result)
