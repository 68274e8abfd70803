"""What botocore raises, in the house's own errors and in words that say the cure."""

from collections.abc import Sequence

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    LoginError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.parsers import ResponseParserError

from shared.errors import Conflict, StoreError, StoreUnavailable
from shared.stores.dynamodb.address import Address

FAILURES = (BotoCoreError, ClientError, ResponseParserError)
_UNREACHABLE = (BotoConnectionError, HTTPClientError, ResponseParserError)
_CREDENTIALS = (
    CredentialRetrievalError,
    LoginError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    SSOError,
    TokenRetrievalError,
)
_THROTTLING = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
}
_TRANSIENT = _THROTTLING | {
    "InternalServerError",
    "LimitExceededException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "TransactionInProgressException",
}
_DENIED = {"AccessDeniedException", "AccessDenied", "OptInRequired"}
_NOT_ACCEPTED = {
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


class TableMissing(StoreError):
    """The adapter's own: no such table."""


class TableInUse(StoreError):
    """The adapter's own: the table exists already, or is being created or deleted."""


class TransactionCanceled(StoreError):
    """The adapter's own: of each item of the transaction why it was not written, "None" if that one
    could have been."""

    def __init__(self, text: str, reasons: Sequence[str]) -> None:
        super().__init__(text)
        self.reasons = reasons


def is_throttling(error: Exception) -> bool:
    """True if DynamoDB was asked for more than it takes at a time."""
    return isinstance(error, ClientError) and error.response["Error"]["Code"] in _THROTTLING


def is_transient(error: Exception) -> bool:
    """True if the same call may well succeed a little later."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error.response["Error"]["Code"] in _TRANSIENT or status >= 500
    return isinstance(error, _UNREACHABLE)


def explained(operation: str, error: Exception, address: Address, attempts: int) -> StoreError:
    """The error to raise instead, after so many attempts."""
    if isinstance(error, ClientError):
        return _refused(operation, error, address, attempts)
    if isinstance(error, _UNREACHABLE):
        return StoreUnavailable(
            f"DynamoDB ({address}) does not answer: {error} Check region and endpoint in "
            "STORE_URL, and the network."
        )
    if isinstance(error, _CREDENTIALS):
        return StoreUnavailable(
            f"There are no usable AWS credentials: {error}. Set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, add profile=NAME to STORE_URL, or give the machine a role."
        )
    return StoreError(f"DynamoDB cannot be asked for {operation}: {error}")


def throttled(operation: str, why: str, attempts: int) -> StoreUnavailable:
    return StoreUnavailable(
        f"DynamoDB did not take {operation} in {attempts} attempts ({why}). Try again later; if it "
        "stays so, look at the account's and the tables' throughput limits in the AWS console."
    )


def _refused(operation: str, error: ClientError, address: Address, attempts: int) -> StoreError:
    code, text = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    match code:
        case "ResourceNotFoundException":
            return TableMissing(text)
        case "ResourceInUseException":
            return TableInUse(text)
        case "ConditionalCheckFailedException":
            return Conflict(text)
        case "TransactionCanceledException":
            reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
            return TransactionCanceled(text, reasons)
        case _ if code in _NOT_ACCEPTED:
            return StoreUnavailable(
                f"AWS does not accept the credentials ({code}: {text}). Renew them, and check the "
                "clock of this machine."
            )
        case _ if code in _DENIED:
            return StoreUnavailable(
                f"AWS does not allow {operation} ({text}). Allow it on the tables "
                f"{address.prefix}-* in the policy of these credentials."
            )
        case _ if is_transient(error):
            return throttled(operation, f"{code}: {text}", attempts)
        case _:
            return StoreError(f"DynamoDB refuses {operation}: {code}: {text}")
