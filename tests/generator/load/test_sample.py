import re
from pathlib import Path

from generator.synthetic import synthesize

DATA = Path(__file__).parents[3] / "data"
COMMAND = (
    r"python run_generator\.py synthesize --users (\d+) --courses (\d+) --seed (\d+)"
    r" --to data/sample"
)


def test_the_sample_is_what_the_command_in_its_readme_writes(tmp_path):
    (numbers,) = re.findall(COMMAND, (DATA / "README.md").read_text())
    users, courses, seed = map(int, numbers)
    synthesize(tmp_path, users=users, courses=courses, seed=seed)
    committed = {path.name: path.read_bytes() for path in (DATA / "sample").iterdir()}
    assert committed == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_the_sample_is_small():
    sizes = [path.stat().st_size for path in (DATA / "sample").iterdir()]
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 3_000_000
