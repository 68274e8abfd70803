"""Train the models and publish every user's lists: `python run_generator.py --help`."""

from generator.commands import main
from generator.commands.wiring import Wiring
from shared.settings import GeneratorSettings
from shared.stores import open_store

if __name__ == "__main__":
    main(Wiring(GeneratorSettings.load, open_store))
