import os

from tract_client import AuthenticatedClient, Client
from tract_client.api.authentication import issue_token
from tract_client.api.hooks import register_hook
from tract_client.api.messages import send_message
from tract_client.models import (
    AcceptedMessage,
    HookRegistration,
    HookRegistrationCategory,
    HookRegistrationSubcategory,
    MessageSend,
    MessageSendSender,
    RegisteredHook,
    TokenRequest,
    TokenRequestGrantType,
    TokenResponse,
)

env = os.environ
token = issue_token.sync(
    client=Client(base_url=env["TRACT_URL"]),
    body=TokenRequest(
        grant_type=TokenRequestGrantType.CLIENT_CREDENTIALS,
        client_id=env["TRACT_CLIENT_ID"],
        client_secret=env["TRACT_CLIENT_SECRET"],
    ),
)
assert isinstance(token, TokenResponse), token
client = AuthenticatedClient(base_url=env["TRACT_URL"], token=token.access_token)
hook = register_hook.sync(
    client=client,
    body=HookRegistration(
        category=HookRegistrationCategory.MESSAGE,
        subcategory=HookRegistrationSubcategory.RECEIVE,
        url=env["TRACT_HOOK_URL"],
    ),
)
assert isinstance(hook, RegisteredHook), hook
sent = send_message.sync(
    client=client,
    body=MessageSend(
        user_id=env["TRACT_USER"],
        sender=MessageSendSender.ECT,
        message_body=env["TRACT_TEXT"],
    ),
)
assert isinstance(sent, AcceptedMessage), sent
print("message", sent.message_id)
