package main

import (
	"context"
	"fmt"
	"os"

	client "github.com/GIT_USER_ID/GIT_REPO_ID"
	"golang.org/x/oauth2"
)

func must[T any](value T, _ any, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	configuration := client.NewConfiguration()
	configuration.Servers = client.ServerConfigurations{{URL: os.Getenv("TRACT_URL")}}
	api := client.NewAPIClient(configuration)
	ctx := context.Background()
	token := must(api.AuthenticationAPI.IssueToken(ctx).GrantType("client_credentials").
		ClientId(os.Getenv("TRACT_CLIENT_ID")).ClientSecret(os.Getenv("TRACT_CLIENT_SECRET")).Execute())
	ctx = context.WithValue(ctx, client.ContextOAuth2,
		oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token.AccessToken}))
	must(api.HooksAPI.RegisterHook(ctx).
		HookRegistration(*client.NewHookRegistration("message", "receive", os.Getenv("TRACT_HOOK_URL"))).Execute())
	sent := must(api.MessagesAPI.SendMessage(ctx).
		MessageSend(*client.NewMessageSend(os.Getenv("TRACT_USER"), os.Getenv("TRACT_TEXT"), "ect")).Execute())
	fmt.Println("message", sent.GetMessageId())
}
