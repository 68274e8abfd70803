"""No engine runs in the tests, so the files are held against what they refer to."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from shared.settings import LOOPBACK_HOSTS, GeneratorSettings, ServerSettings
from shared.stores import BACKENDS
from tests.processes import environment

ROOT = Path(__file__).parents[2]
DOCKERFILES = sorted((ROOT / "deploy" / "docker").glob("*.Dockerfile"))


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def test_the_three_services_are_there_and_are_built_from_files_that_exist(services):
    assert set(services) == {"dynamodb-local", "generator", "server"}
    for name in ("generator", "server"):
        assert (ROOT / services[name]["build"]["dockerfile"]).is_file()


def test_ports_are_published_on_loopback_alone(services):
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published
    assert all(port.split(":")[0] in LOOPBACK_HOSTS for port in published)


def test_every_environment_variable_is_a_setting_that_validates(services):
    for side, sides_settings in (("generator", GeneratorSettings), ("server", ServerSettings)):
        names = {name.upper() for name in sides_settings.model_fields}
        environment = services[side].get("environment", {})
        ours = {k: v for k, v in environment.items() if not k.startswith("AWS_")}
        assert set(ours) <= names
        settings = sides_settings.load(**{name.lower(): text for name, text in ours.items()})
        if isinstance(settings, ServerSettings):
            settings.check_exposure(guarded=False)


def test_both_sides_use_the_same_store(services):
    urls = {services[side]["environment"]["STORE_URL"] for side in ("generator", "server")}
    assert len(urls) == 1
    assert urls.pop().partition(":")[0] in BACKENDS


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.stem)
def test_dockerfiles_copy_what_exists_and_do_not_run_as_root(dockerfile):
    text = dockerfile.read_text()
    for sources in re.findall(r"^COPY (.+) \S+$", text, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
    assert re.search(r"^USER (?!root)", text, re.MULTILINE)
    assert "--require-hashes" in text


def test_the_server_image_holds_neither_the_generator_nor_its_requirements():
    text = (ROOT / "deploy" / "docker" / "server.Dockerfile").read_text()
    assert "COPY generator" not in text
    assert "requirements.txt" not in text


def test_the_crontab_line_has_five_time_fields_and_runs_the_generator():
    lines = (ROOT / "deploy" / "cron" / "kindred.crontab").read_text().splitlines()
    jobs = [line for line in lines if line and line[0] not in "#" and "=" not in line.split()[0]]
    assert len(jobs) == 1
    *times, command = jobs[0].split(maxsplit=5)
    assert all(re.fullmatch(r"[\d*/,-]+", field) for field in times)
    assert "run_generator.py" in command
    assert "--quiet" in command


def test_the_crontab_says_how_not_to_replace_the_jobs_that_are_there():
    text = (ROOT / "deploy" / "cron" / "kindred.crontab").read_text()
    assert "(crontab -l; cat deploy/cron/kindred.crontab) | crontab -" in text


def test_logs_memory_and_processes_have_limits(services):
    for name, service in services.items():
        assert service["logging"]["options"]["max-size"], name
        assert re.fullmatch(r"\d+[mg]", service["mem_limit"]), name
    for side in ("generator", "server"):
        fences = ("read_only", "cap_drop", "security_opt", "pids_limit")
        assert all(services[side][fence] for fence in fences)
        assert "/tmp" in services[side]["tmpfs"]


def test_a_run_may_hold_more_than_it_plans_with(services):
    generator = services["generator"]
    gigabytes = int(generator["mem_limit"].removesuffix("g"))
    assert gigabytes * 1024 > int(generator["environment"]["MEMORY_BUDGET_MB"])


def test_what_the_generator_writes_is_in_a_volume_that_is_its_own(services):
    generator = services["generator"]
    volumes = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["volumes"]
    volume, place = generator["volumes"][1].split(":")
    assert volume in volumes
    image = (ROOT / "deploy" / "docker" / "generator.Dockerfile").read_text()
    assert "chown -R kindred data work" in image
    for folder in ("SET_ASIDE_FOLDER", "VECTORS_FOLDER", "TRAINING_FOLDER"):
        assert Path(generator["environment"][folder]).is_relative_to(place)
    assert generator["volumes"][0].endswith(f":{generator['environment']['DATA_URL']}:ro")


def test_with_what_is_in_the_server_image_keys_can_be_made(tmp_path):
    """Its files alone, in a folder that is its project, without the packages of the generator."""
    text = (ROOT / "deploy" / "docker" / "server.Dockerfile").read_text()
    for sources, target in re.findall(r"^COPY (.+) (\S+)$", text, re.MULTILINE):
        for source in sources.split():
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
            copy(ROOT / source, tmp_path / target)
    (tmp_path / "data").mkdir()
    command = [sys.executable, "run_server.py", "keys", "create", "--tenant", "default"]
    made = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60
    )
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("kindred_")
    assert (tmp_path / "data" / "api_keys.json").is_file()


def test_the_server_keeps_its_keys_in_a_folder_that_is_mounted_and_its_own(services):
    mounted = [volume.split(":")[1] for volume in services["server"]["volumes"]]
    image = (ROOT / "deploy" / "docker" / "server.Dockerfile").read_text()
    project = re.search(r"^WORKDIR (\S+)$", image, re.MULTILINE).group(1)
    for name in ("api_keys_file", "session_secret_file"):
        place = Path(ServerSettings.model_fields[name].default)
        assert f"{project}/{place.parent}" in mounted
        assert f"mkdir {place.parent} && chown kindred {place.parent}" in image
