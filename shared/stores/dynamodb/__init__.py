"""Lists in DynamoDB. Only this package imports boto3."""

from shared.stores.dynamodb.store import DynamoDBStore

__all__ = ["DynamoDBStore"]
