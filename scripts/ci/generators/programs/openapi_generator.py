import os

from openapi_client import (
    ApiClient,
    AuthenticationApi,
    Configuration,
    HookRegistration,
    HooksApi,
    MessageSend,
    MessagesApi,
)

env = os.environ
configuration = Configuration(host=env["TRACT_URL"])
token = AuthenticationApi(ApiClient(configuration)).issue_token(
    grant_type="client_credentials",
    client_id=env["TRACT_CLIENT_ID"],
    client_secret=env["TRACT_CLIENT_SECRET"],
)
configuration.access_token = token.access_token
client = ApiClient(configuration)
HooksApi(client).register_hook(
    HookRegistration(category="message", subcategory="receive", url=env["TRACT_HOOK_URL"])
)
sent = MessagesApi(client).send_message(
    MessageSend(user_id=env["TRACT_USER"], sender="ect", message_body=env["TRACT_TEXT"])
)
print("message", sent.message_id)
