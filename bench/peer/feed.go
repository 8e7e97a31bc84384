package main

import (
	"fmt"
	"reflect"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	v1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// A feed is an informer that is told of objects instead of watching an API server. Whoever adds an object calls the
// scheduler's handlers with it, and so comes back after the scheduler has taken note. The informer inside is never run; it
// holds the store.
type feed struct {
	cache.SharedIndexInformer
	handlers []cache.ResourceEventHandler
}

func newFeed(example runtime.Object) *feed {
	byNamespace := cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}
	return &feed{SharedIndexInformer: cache.NewSharedIndexInformer(&cache.ListWatch{}, example, 0, byNamespace)}
}

func (f *feed) AddEventHandler(handler cache.ResourceEventHandler) (cache.ResourceEventHandlerRegistration, error) {
	return f.AddEventHandlerWithOptions(handler, cache.HandlerOptions{})
}

func (f *feed) AddEventHandlerWithResyncPeriod(
	handler cache.ResourceEventHandler, _ time.Duration,
) (cache.ResourceEventHandlerRegistration, error) {
	return f.AddEventHandlerWithOptions(handler, cache.HandlerOptions{})
}

func (f *feed) AddEventHandlerWithOptions(
	handler cache.ResourceEventHandler, options cache.HandlerOptions,
) (cache.ResourceEventHandlerRegistration, error) {
	f.handlers = append(f.handlers, handler)
	return f.SharedIndexInformer.AddEventHandlerWithOptions(handler, options)
}

func (f *feed) HasSynced() bool { return true }

// put adds an object, or replaces the one of its name.
func (f *feed) put(object runtime.Object) error {
	old, exists, err := f.GetIndexer().Get(object)
	if err != nil {
		return err
	}
	if err := f.GetIndexer().Update(object); err != nil {
		return err
	}
	for _, handler := range f.handlers {
		if exists {
			handler.OnUpdate(old, object)
		} else {
			handler.OnAdd(object, false)
		}
	}
	return nil
}

// remove takes away the object of this key (namespace/name), if there is one.
func (f *feed) remove(key string) error {
	old, exists, err := f.GetIndexer().GetByKey(key)
	if err != nil || !exists {
		return err
	}
	if err := f.GetIndexer().Delete(old); err != nil {
		return err
	}
	for _, handler := range f.handlers {
		handler.OnDelete(old)
	}
	return nil
}

// feeds holds a feed for each kind of which the default plugins keep a list.
type feeds map[reflect.Type]*feed

// newFeeds puts feeds into a factory, in the place of its informers.
func newFeeds(factory informers.SharedInformerFactory) feeds {
	all := feeds{}
	for _, example := range []runtime.Object{
		&v1.Namespace{}, &v1.Node{}, &v1.Pod{}, &v1.Service{}, &v1.ReplicationController{},
		&v1.PersistentVolume{}, &v1.PersistentVolumeClaim{},
		&appsv1.ReplicaSet{}, &appsv1.StatefulSet{}, &policyv1.PodDisruptionBudget{},
		&storagev1.StorageClass{}, &storagev1.CSINode{}, &storagev1.CSIDriver{}, &storagev1.CSIStorageCapacity{},
		&storagev1.VolumeAttachment{},
	} {
		of := newFeed(example)
		all[reflect.TypeOf(example)] = of
		factory.InformerFor(example, func(kubernetes.Interface, time.Duration) cache.SharedIndexInformer { return of })
	}
	return all
}

// of returns the feed of an object's kind.
func (f feeds) of(object runtime.Object) (*feed, error) {
	found, ok := f[reflect.TypeOf(object)]
	if !ok {
		return nil, fmt.Errorf("no feed takes a %T", object)
	}
	return found, nil
}
