package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// etcd is spoken to by the JSON gateway that it carries, which needs no client library.
// Source: https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/ (int64 as text, bytes as base64).

type etcdHeader struct {
	Revision int64 `json:"revision,string"`
}

type etcdEvent struct {
	Type string `json:"type"` // Absent for a put.
	KV   struct {
		Key         []byte `json:"key"`
		Value       []byte `json:"value"`
		ModRevision int64  `json:"mod_revision,string"`
	} `json:"kv"`
}

func etcdCall(ctx context.Context, url, method string, request any) (*http.Response, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v3/"+method, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(post)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, fmt.Errorf("etcd: %s: %s", method, response.Status)
	}
	return response, nil
}

// etcdWatch tells every event of the keys with that prefix since the first revision, until ctx ends. The first call of `told` has
// no events: from then on the watch is there.
func etcdWatch(ctx context.Context, url, prefix string, told func([]etcdEvent)) error {
	end := []byte(prefix)
	end[len(end)-1]++
	response, err := etcdCall(ctx, url, "watch", map[string]any{
		"create_request": map[string]any{"key": []byte(prefix), "range_end": end, "start_revision": "1"}})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	decoder := json.NewDecoder(response.Body)
	for {
		var message struct {
			Result struct {
				Canceled bool        `json:"canceled"`
				Events   []etcdEvent `json:"events"`
			} `json:"result"`
		}
		if err := decoder.Decode(&message); err != nil {
			return err
		}
		if message.Result.Canceled {
			return fmt.Errorf("etcd ended the watch of %s", prefix)
		}
		told(message.Result.Events)
	}
}

func etcdRevision(url string) (int64, error) {
	response, err := etcdCall(context.Background(), url, "maintenance/status", map[string]any{})
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	var status struct {
		Header etcdHeader `json:"header"`
	}
	err = json.NewDecoder(response.Body).Decode(&status)
	return status.Header.Revision, err
}

func etcdCompact(url string, revision int64) error {
	response, err := etcdCall(context.Background(), url, "kv/compaction",
		map[string]any{"revision": strconv.FormatInt(revision, 10), "physical": true})
	if err == nil {
		response.Body.Close()
	}
	return err
}
