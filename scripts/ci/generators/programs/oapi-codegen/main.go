package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"example.com/desk/tract"
)

func main() {
	client, err := tract.NewClientWithResponses(os.Getenv("TRACT_URL"))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	id, secret := os.Getenv("TRACT_CLIENT_ID"), os.Getenv("TRACT_CLIENT_SECRET")
	token, err := client.IssueTokenWithFormdataBodyWithResponse(ctx,
		tract.TokenRequest{GrantType: "client_credentials", ClientId: &id, ClientSecret: &secret})
	if err != nil || token.JSON200 == nil {
		panic(fmt.Sprint(err, token))
	}
	authenticated := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+token.JSON200.AccessToken)
		return nil
	}
	hook, err := client.RegisterHookWithResponse(ctx, &tract.RegisterHookParams{},
		tract.HookRegistration{Category: "message", Subcategory: "receive", Url: os.Getenv("TRACT_HOOK_URL")}, authenticated)
	if err != nil || hook.JSON200 == nil {
		panic(fmt.Sprint(err, string(hook.Body)))
	}
	sent, err := client.SendMessageWithResponse(ctx, &tract.SendMessageParams{},
		tract.MessageSend{UserId: os.Getenv("TRACT_USER"), Sender: tract.MessageSendSenderEct, MessageBody: os.Getenv("TRACT_TEXT")}, authenticated)
	if err != nil || sent.JSON200 == nil {
		panic(fmt.Sprint(err, string(sent.Body)))
	}
	fmt.Println("message", sent.JSON200.MessageId)
}
