package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// region verify
const toleranceSeconds = 300

// Verify takes the bytes as they came, before any parser, and the time in seconds since 1970.
func Verify(secret, id, timestamp, signatures string, body []byte, now int64) bool {
	sent, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now-sent > toleranceSeconds || sent-now > toleranceSeconds {
		return false
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	expected := mac.Sum(nil)
	// two signatures while the secret rotates; of an unknown version, none counts
	for _, signature := range strings.Split(signatures, " ") {
		encoded, isV1 := strings.CutPrefix(signature, "v1,")
		given, err := base64.StdEncoding.DecodeString(encoded)
		if isV1 && err == nil && hmac.Equal(given, expected) {
			return true
		}
	}
	return false
}

// endregion

// Examples to check it with: a line each of the secret, the three headers, the time, and the body in base64.
func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		field := strings.Split(lines.Text(), "\t")
		now, _ := strconv.ParseInt(field[4], 10, 64)
		body, _ := base64.StdEncoding.DecodeString(field[5])
		fmt.Println(Verify(field[0], field[1], field[2], field[3], body, now))
	}
}
