import numpy as np
import pytest
from PIL import Image

from generator.dataset.build import build_dataset
from generator.intake import read_data
from generator.models.image_course_picture import ImageCoursePicture
from generator.models.run_options import RunOptions
from generator.plan import run_options
from generator.process.progress import Reporter, Steps
from shared.errors import ModelError
from shared.settings import GeneratorSettings
from tests.datasets import table
from tests.generator.encoders.tiny_picture_encoder import (
    KINDS_OF_PICTURE,
    drawn,
    write_picture_encoder,
)
from tests.generator.encoders.tiny_sentence_encoder import write_encoder

COURSES = [f"{kind} {number}" for kind in KINDS_OF_PICTURE for number in range(3)]


@pytest.fixture(scope="module")
def painted(tmp_path_factory):
    """A folder with a picture a course."""
    folder = tmp_path_factory.mktemp("painted")
    for seed, course in enumerate(COURSES):
        Image.fromarray(drawn(course.split()[0], seed)).save(folder / f"{course}.png")
    return folder


def made(painted, titles=None, without=()):
    rows = [
        (c, (titles or {}).get(c), None if c in without else str(painted / f"{c}.png"))
        for c in COURSES
    ]
    views = [(1, "red 0", 600.0), (2, "level 1", 600.0)]
    return build_dataset(
        {
            "courses": table("courses", "course_id title image_path", rows),
            "user_course_views": table(
                "user_course_views", "user_handle course_id view_time_seconds", views
            ),
        }
    )


def kinds(data, indices):
    return [course.split()[0] for course in data.courses.handles(indices)]


@pytest.mark.parametrize("encoder", ["colours", "onnx"])
def test_similar_courses_and_recommendations_look_alike(painted, tmp_path, encoder):
    if encoder == "onnx":
        encoder = str(write_picture_encoder(tmp_path))
    data = made(painted)
    model = ImageCoursePicture(encoder=encoder).fit(data)
    every = np.arange(len(data.courses))
    listed = model.similar_courses(every, 2).indices
    for course, others in zip(data.courses.handles(), listed, strict=True):
        assert kinds(data, others) == [course.split()[0]] * 2
    users = data.users.index_of([1, 2])
    top = model.recommend(users, 2).indices
    assert [kinds(data, row) for row in top] == [["red"] * 2, ["level"] * 2]
    reasons = model.reasons("recommendations", users, top)
    assert data.courses.handles(reasons.indices[:, 0, 0]) == ["red 0", "level 1"]
    assert model.measures == {"courses_with_a_picture": 15.0}


def test_a_multimodal_product_is_the_weighted_mean_of_both_cosines(painted, tmp_path):
    titles = {c: ("python code" if c.endswith("0") else "clay wheel snake") for c in COURSES}
    data, text = made(painted, titles), str(write_encoder(tmp_path / "tiny"))
    looks = ImageCoursePicture().fit(data)._course_vectors.astype(np.float64)
    reads = ImageCoursePicture(text_weight=1.0, text_encoder=text).fit(data)
    words = reads._course_vectors[:, looks.shape[1] :].astype(np.float64)
    words /= np.linalg.norm(words, axis=1, keepdims=True)
    both = ImageCoursePicture(picture_weight=1.0, text_weight=3.0, text_encoder=text).fit(data)
    expected = (looks @ looks.T + 3 * words @ words.T) / 4
    np.testing.assert_allclose(both._course_vectors @ both._course_vectors.T, expected, atol=1e-5)
    of = data.courses.index_of(["red 0"])
    (nearest,) = data.courses.handles(both.similar_courses(of, 1).indices[0])
    assert nearest.endswith("0"), "words weigh more"
    assert kinds(data, looks_nearest(data, of)) == ["red"]


def looks_nearest(data, of):
    return ImageCoursePicture().fit(data).similar_courses(of, 1).indices[0]


def test_a_course_without_a_picture_is_known_by_its_text_alone(painted, tmp_path):
    titles = {"blue 1": "python", "red 0": "python code"}
    data = made(painted, titles, without=["blue 1", "blue 2"])
    blue1, blue2 = data.courses.index_of(["blue 1", "blue 2"])
    assert not {blue1, blue2} & set(ImageCoursePicture().fit(data).known_courses())
    text = str(write_encoder(tmp_path / "tiny"))
    both = ImageCoursePicture(text_weight=1.0, text_encoder=text).fit(data)
    assert blue1 in both.known_courses()
    (nearest,) = data.courses.handles(both.similar_courses([blue1], 1).indices[0])
    assert nearest == "red 0"


def test_pictures_are_looked_at_once(painted, tmp_path, monkeypatch):
    encoder = str(write_picture_encoder(tmp_path))
    run = RunOptions(vectors_folder=tmp_path / "vectors")
    first = ImageCoursePicture(encoder=encoder).fit(made(painted), run)
    monkeypatch.setattr(type(first._looks), "encode", lambda *_: pytest.fail("looked again"))
    again = ImageCoursePicture(encoder=encoder).fit(made(painted), run)
    np.testing.assert_array_equal(again._course_vectors, first._course_vectors)


def test_an_encoder_that_is_not_there_is_refused_in_words(painted):
    with pytest.raises(ModelError, match=r"There is no file no/such.onnx"):
        ImageCoursePicture(encoder="no/such.onnx").fit(made(painted))


def test_another_encoder_in_its_place_asks_for_a_new_fit(painted, tmp_path):
    encoder = str(write_picture_encoder(tmp_path))
    data = made(painted, without=["red 1"])
    model = ImageCoursePicture(encoder=encoder).fit(data)
    model._picture_digest = "of another one"
    model.save(tmp_path / "model")
    loaded = ImageCoursePicture.load(tmp_path / "model", data)
    with pytest.raises(ModelError, match=r"is another one .* fit it again"):
        loaded._vectors_of_courses(data, np.array([0], np.int32))


def test_a_run_accounts_for_hostile_pictures_and_lists_the_others(painted, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data"
    data.mkdir()
    for course in COURSES[:9]:
        (data / f"{course}.png").write_bytes((painted / f"{course}.png").read_bytes())
    (data / "level 2.png").write_bytes((data / "level 2.png").read_bytes()[:900])
    rows = [f"{course},{course}.png" for course in COURSES[:9]]
    rows += ["spy,../secret.png", "bomb,bomb.png", "plain,"]
    Image.new("1", (9_000, 9_000)).save(data / "bomb.png")
    (data / "courses.csv").write_text("\n".join(["course_id,image_path", *rows]))
    (data / "user_course_views.csv").write_text(
        "user_handle,view_date,course_id,author_handle,level,view_time_seconds\n"
        "1,2026-03-01,upright 0,7,Beginner,600\n"
    )
    settings = GeneratorSettings(
        data_url=str(data),
        models=["image_course_picture"],
        set_aside_folder=str(tmp_path / "aside"),
    )
    dataset, reports = read_data(settings, Reporter())
    report = next(report for report in reports if report.table == "course_pictures")
    assert (report.rows_read, report.rows_kept) == (11, 8)
    assert report.set_aside == {
        "lies outside of PICTURES_URL": 1,
        "has more than 25 million pixels": 1,
        "is broken": 1,
    }
    aside = (tmp_path / "aside" / "default" / "course_pictures.csv").read_text()
    assert "has more than 25 million pixels,bomb,bomb.png" in aside
    model = ImageCoursePicture().fit(dataset, run_options(settings, Steps(), 2**28))
    assert len(model.known_courses()) == 8
    (listed,) = model.recommend(dataset.users.index_of([1]), 2).indices
    assert kinds(dataset, listed) == ["upright"] * 2
    assert dataset.image_paths[dataset.courses.index_of(["upright 0"])[0]] == "upright 0.png"
