package main

import (
	"context"
	"fmt"
	"net/url"
	"os"

	"example.com/desk/tract"
)

// Where the client asks for the token of a call.
type bearer struct{ token string }

func (b bearer) OAuth2(context.Context, tract.OperationName) (tract.OAuth2, error) {
	return tract.OAuth2{Token: b.token}, nil
}

func client(token string) *tract.Client {
	client, err := tract.NewClient(os.Getenv("TRACT_URL"), bearer{token})
	if err != nil {
		panic(err)
	}
	return client
}

func main() {
	ctx := context.Background()
	issued, err := client("").IssueToken(ctx, &tract.TokenRequest{
		GrantType:    tract.TokenRequestGrantTypeClientCredentials,
		ClientID:     tract.NewOptString(os.Getenv("TRACT_CLIENT_ID")),
		ClientSecret: tract.NewOptString(os.Getenv("TRACT_CLIENT_SECRET")),
	})
	token, ok := issued.(*tract.TokenResponseHeaders)
	if !ok {
		panic(fmt.Sprint(err, issued))
	}
	desk := client(token.Response.AccessToken)
	address, err := url.Parse(os.Getenv("TRACT_HOOK_URL"))
	if err != nil {
		panic(err)
	}
	hook, err := desk.RegisterHook(ctx, &tract.HookRegistration{
		Category:    tract.HookRegistrationCategoryMessage,
		Subcategory: tract.HookRegistrationSubcategory_receive,
		URL:         *address,
	}, tract.RegisterHookParams{})
	if _, ok := hook.(*tract.RegisteredHookHeaders); !ok {
		panic(fmt.Sprint(err, hook))
	}
	sent, err := desk.SendMessage(ctx, &tract.MessageSend{
		UserID:      tract.UserId(os.Getenv("TRACT_USER")),
		Sender:      tract.MessageSendSenderEct,
		MessageBody: tract.MessageBody(os.Getenv("TRACT_TEXT")),
	}, tract.SendMessageParams{})
	message, ok := sent.(*tract.AcceptedMessageHeaders)
	if !ok {
		panic(fmt.Sprint(err, sent))
	}
	fmt.Println("message", message.Response.MessageID)
}
