"""Invented tags: subjects of a few fields, each with aspects of its field."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.synthetic.chance import power_law, within_group

FIELDS = [
    (
        "c++ c# f# python java go rust kotlin",
        """testing concurrency generics performance debugging packaging design-patterns refactoring
        type-system memory networking data-structures algorithms logging tooling command-line
        functional-style""",
    ),
    (
        "node.js .net asp.net-core vue svelte django html5 css-grid",
        """routing forms authentication components state rest-apis graphql accessibility transitions
        hosting end-to-end-tests caching hardening templates translation offline-use websockets""",
    ),
    (
        "sql nosql pandas spark statistics machine-learning deep-learning dashboards",
        """queries modeling pipelines indexing cleaning forecasting experiments sampling tuning
        streaming governance time-series geodata text-mining evaluation storage quality""",
    ),
    (
        "docker kubernetes linux terraform aws azure monitoring cloud-computing",
        """scripting storage networking backups upgrades cost-control permissions autoscaling
        alerting high-availability migration automation troubleshooting templates registries
        incident-response capacity""",
    ),
    (
        "pen-testing cryptography network-security identity forensics malware compliance privacy",
        """threat-models audits certificates reverse-engineering policies sandboxes passwords tokens
        phishing firewalls logging reporting key-storage fuzzing risk-analysis red-team hardware""",
    ),
    (
        "3d-modeling photo-editing ux typography video-editing illustration game-art motion",
        """lighting color composition texturing rigging layout storyboards masks portraits
        landscapes prototyping rendering sketching brushes compositing sound export""",
    ),
    (
        "project-management leadership accounting marketing negotiation speaking product sales",
        """planning feedback budgets interviews strategy remote-teams metrics storytelling conflict
        reporting onboarding coaching pricing law roadmaps ethics workshops""",
    ),
    (
        "cad bim plc robotics electronics iot embedded simulation",
        """drafting sensors control-loops assemblies tolerances power protocols safety kinematics
        firmware meshes plant-design standards prototypes materials calibration documentation""",
    ),
]
TOPICS = [
    [subject, *(f"{subject}-{aspect}" for aspect in aspects.split())]
    for subjects, aspects in FIELDS
    for subject in subjects.split()
]
MAX_TAGS = 1_000
TAGS_A_TOPIC = 6
VARIED = 0.3
ACRONYMS = frozenset({"aws", "bim", "cad", "iot", "plc", "sql", "ux"})


@dataclass(frozen=True)
class Tags:
    """Tags of the chosen topics, in the order of the topics."""

    names: list[str]
    topic: NDArray[np.int64]
    """Topic of each tag."""
    weight: NDArray[np.float64]
    """How common each tag is within its topic; sums to 1 in each."""
    variants: dict[int, str]
    """Tag -> its second spelling."""

    @property
    def topics(self) -> int:
        return int(self.topic[-1]) + 1

    def most_common(self, count: int) -> NDArray[np.int64]:
        """The tags that rank first in their topics, then those that rank second, and so on."""
        rank = within_group(self.topic)
        return np.sort(np.argsort(rank, kind="stable")[:count])

    def spell(self, rng: np.random.Generator, tags: NDArray[np.int64]) -> pa.Array:
        """The tags as text, some in their second spelling; null for -1."""
        spellings = pa.array([*self.names, *self.variants.values()])
        second = np.full(len(self.names) + 1, -1)
        second[list(self.variants)] = len(self.names) + np.arange(len(self.variants))
        varied = (second[tags] >= 0) & (rng.random(len(tags)) < VARIED)
        chosen = np.where(varied, second[tags], tags)
        return spellings.take(pa.array(chosen, mask=chosen < 0))


def choose_tags(rng: np.random.Generator, spellings: int, case_variants: int) -> Tags:
    """`spellings` counts the case variants."""
    wanted = spellings - case_variants
    topics = min(len(TOPICS), max(1, wanted // TAGS_A_TOPIC))
    sizes = np.diff(np.arange(topics + 1) * wanted // topics)
    names: list[str] = []
    variants: dict[int, str] = {}
    for size, place in zip(sizes, rng.permutation(len(TOPICS)), strict=False):
        subject, *aspects = TOPICS[place]
        if len(variants) < case_variants and subject[0].isalpha():
            variants[len(names)] = _capitals(subject)
        names += [subject, *(aspects[i] for i in rng.permutation(len(aspects))[: size - 1])]
    return Tags(
        names=names,
        topic=np.repeat(np.arange(topics), sizes),
        weight=np.concatenate([power_law(int(size), 0.8) for size in sizes]),
        variants=variants,
    )


def _capitals(name: str) -> str:
    return name.upper() if name in ACRONYMS else name.capitalize()
