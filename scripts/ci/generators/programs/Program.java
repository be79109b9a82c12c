import java.net.URI;
import org.openapitools.client.ApiClient;
import org.openapitools.client.api.AuthenticationApi;
import org.openapitools.client.api.HooksApi;
import org.openapitools.client.api.MessagesApi;
import org.openapitools.client.model.HookRegistration;
import org.openapitools.client.model.MessageSend;
import org.openapitools.client.model.TokenResponse;

public class Program {
  public static void main(String[] args) throws Exception {
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("TRACT_URL"));
    TokenResponse token =
        new AuthenticationApi(client)
            .issueToken(
                "client_credentials", null, System.getenv("TRACT_CLIENT_ID"), System.getenv("TRACT_CLIENT_SECRET"), null, null);
    client.setRequestInterceptor(
        request -> request.header("Authorization", "Bearer " + token.getAccessToken()));
    new HooksApi(client)
        .registerHook(
            new HookRegistration().category(HookRegistration.CategoryEnum.MESSAGE).subcategory(HookRegistration.SubcategoryEnum.RECEIVE).url(URI.create(System.getenv("TRACT_HOOK_URL"))),
            null);
    var sent =
        new MessagesApi(client)
            .sendMessage(
                new MessageSend()
                    .userId(System.getenv("TRACT_USER"))
                    .sender(MessageSend.SenderEnum.ECT)
                    .messageBody(System.getenv("TRACT_TEXT")),
                null);
    System.out.println("message " + sent.getMessageId());
  }
}
