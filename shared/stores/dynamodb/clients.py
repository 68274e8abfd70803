"""boto3 clients: where region and credentials come from."""

from functools import cache
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, NoRegionError
from botocore.loaders import Loader, create_loader

from shared.errors import SettingsError
from shared.stores.dynamodb.address import Address


def open_client(service: str, address: Address, config: Config, endpoint: str | None) -> Any:
    """A boto3 client with the region and credentials of `address`; sends nothing.

    Raises SettingsError for a region or profile that is missing.
    """
    try:
        session = botocore.session.Session(profile=address.profile)
        session.register_component("data_loader", _loader(session.get_config_variable("data_path")))
        region = address.region or session.get_config_variable("region")
        if address.is_loopback:
            _stand_in_for_credentials(session)
            region = region or "us-east-1"
        return boto3.Session(botocore_session=session, region_name=region).client(
            service, endpoint_url=endpoint, config=config
        )
    except NoRegionError:
        raise SettingsError(
            "The DynamoDB store needs a region: add region=NAME to STORE_URL, or set "
            "AWS_DEFAULT_REGION."
        ) from None
    except (BotoCoreError, ValueError) as error:
        raise SettingsError(f"The DynamoDB store cannot be opened: {error}") from error


@cache
def _loader(data_path: str | None) -> Loader:
    """Keeps what it has read of AWS's services: megabytes of JSON, else parsed for each client."""
    return create_loader(data_path)


def _stand_in_for_credentials(session: botocore.session.Session) -> None:
    """DynamoDB Local wants credentials but accepts any; real ones win, so that tools see the same.

    The providers that ask over the network are left out: off AWS they only cost seconds.
    """
    providers = session.get_component("credential_provider")
    providers.remove("iam-role")
    providers.remove("container-role")
    if session.get_credentials() is None:
        session.set_credentials("local", "local")
