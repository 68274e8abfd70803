import json
import random

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from generator.duplicates.features import PairFeatures
from generator.duplicates.find import grouped
from generator.duplicates.learning import BOOSTING, best_threshold, f1, learned
from generator.duplicates.matcher import Matcher
from generator.duplicates.records import Records
from shared.errors import DataError, SettingsError


@pytest.fixture(scope="module")
def products():
    """60 products in two shops, which write their codes each in its way: row 2n is 2n + 1."""
    chance = random.Random(0)
    titles, kinds = [], ["camera", "printer", "phone", "lens"]
    for _ in range(60):
        code = (
            f"{chance.choice(['dsc', 'mx', 'ht'])}-{chance.choice('wz')}{chance.randint(100, 999)}"
        )
        kind, colour = chance.choice(kinds), chance.choice(["black", "silver"])
        titles += [f"sony {colour} {kind} {code.replace('-', '')}", f"Sony {kind} {code} {colour}"]
    return Records(titles, [""] * 120, {"price": [str(n // 2 % 7) for n in range(120)]})


@pytest.fixture(scope="module")
def pairs(products):
    chance = np.random.default_rng(0)
    same = np.arange(0, 120, 2)
    left = np.concatenate([same, np.repeat(same, 4)])
    right = np.concatenate([same + 1, chance.choice(same, 240) + 1])
    are_duplicates = right == left + 1
    return left.astype(np.int32), right.astype(np.int32), are_duplicates


@pytest.fixture(scope="module")
def learnt(products, pairs):
    features = PairFeatures(products)
    left, right, are_duplicates = pairs
    return learned(features.of(left, right), are_duplicates, features.names)


def test_a_matcher_says_what_the_trees_say_that_it_was_made_from(products, pairs, learnt):
    features = PairFeatures(products).of(*pairs[:2])
    peer = GradientBoostingClassifier(random_state=0, **BOOSTING).fit(features, pairs[2])
    expected = peer.predict_proba(features)[:, 1]
    np.testing.assert_allclose(learnt.probabilities(features), expected, atol=1e-6)


def test_it_has_learned_what_makes_two_records_one(learnt):
    assert learnt.learned_from["f1"] > 0.9


def test_features_do_not_depend_on_which_of_two_comes_first(products, pairs):
    features = PairFeatures(products)
    np.testing.assert_allclose(features.of(*pairs[:2]), features.of(pairs[1], pairs[0]), atol=1e-6)


def test_a_matcher_that_was_written_is_read_again(learnt, tmp_path):
    learnt.write(tmp_path / "new" / "matcher.json")
    assert Matcher.read(tmp_path / "new" / "matcher.json") == learnt


@pytest.mark.parametrize(
    "spoil",
    [
        lambda said: said.clear(),
        lambda said: said.update(format=2),
        lambda said: said.update(threshold="high"),
        lambda said: said["trees"][0]["left"].__setitem__(0, 10_000),
        lambda said: said["trees"][0]["left"].__setitem__(0, 0),
        lambda said: said["trees"][0]["feature"].__setitem__(0, 10_000),
        lambda said: said["trees"][0]["value"].pop(),
    ],
)
def test_a_damaged_matcher_is_an_error_of_the_settings(learnt, tmp_path, spoil):
    learnt.write(tmp_path / "matcher.json")
    said = json.loads((tmp_path / "matcher.json").read_text())
    spoil(said)
    (tmp_path / "matcher.json").write_text(json.dumps(said))
    with pytest.raises(SettingsError):
        Matcher.read(tmp_path / "matcher.json")


def test_no_matcher_is_an_error_that_says_how_to_learn_one(tmp_path):
    with pytest.raises(SettingsError, match="--labels"):
        Matcher.read(tmp_path / "none.json")


def test_groups_are_what_the_matcher_says(products, learnt):
    groups = grouped(products, np.arange(120), learnt)
    found = sum(groups.stands_for[row] == groups.stands_for[row + 1] for row in range(0, 120, 2))
    wrong = [members for members in groups.members.values() if len({*(members // 2)}) > 1]
    assert found > 50
    assert len(wrong) <= 3


def test_a_feature_of_an_attribute_that_the_data_lacks_is_missing(products, learnt):
    plain = Records(products.titles, products.descriptions, {})
    assert len(grouped(plain, np.arange(120), learnt)) > 0


def test_too_few_labels_are_an_error_with_their_number(products, pairs):
    features = PairFeatures(products)
    left, right, are_duplicates = (part[55:75] for part in pairs)
    with pytest.raises(DataError, match="5 labelled pairs"):
        learned(features.of(left, right), are_duplicates, features.names)


def test_the_threshold_is_the_one_of_the_best_f1():
    rng = np.random.default_rng(1)
    for _ in range(30):
        probabilities = np.round(rng.random(40), 1)
        are_duplicates = rng.random(40) < probabilities
        threshold, reached = best_threshold(probabilities, are_duplicates)
        every = [f1(probabilities >= cut, are_duplicates) for cut in np.linspace(0, 1.01, 300)]
        assert reached == pytest.approx(max(every))
        assert f1(probabilities >= threshold, are_duplicates) == pytest.approx(reached)
