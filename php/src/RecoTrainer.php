<?php

declare(strict_types=1);

namespace Reco;

use FFI;
use FFI\CData;

/**
 * Trains a model from arrays: twenty rows in a unit test, or a small shop's whole history in a job.
 *
 *     $trainer = new RecoTrainer(['model' => 'item-knn,popularity']);
 *     $trainer->addEvents(users: [1, 1, 2], items: ['tea', 'cup', 'tea'], kinds: ['view', 'purchase', 'purchase']);
 *     $trainer->addAttribute('title', ['tea' => 'Green tea', 'cup' => 'A cup']);
 *     $shop = $trainer->train()->open();
 *
 * Large histories are trained by the `reco` command, which streams them.
 */
final class RecoTrainer
{
    private readonly FFI $ffi;
    private readonly CData $handle;
    private readonly CData $error;

    /**
     * @param array<string, string|int|float> $options by name, as `reco models` lists them: 'model', 'threads', 'seed',
     *                                                 'als.factors' ...
     *
     * @throws RecoArgumentException if an option is unknown or its value makes no sense
     * @throws RecoLibraryException  if this PHP cannot use libreco.so
     */
    public function __construct(array $options = [])
    {
        $this->ffi = RecoLibrary::ffi();
        $this->error = $this->ffi->new('reco_error');
        $handle = $this->ffi->new('reco_trainer *');
        $this->check($this->ffi->reco_trainer_new(FFI::addr($handle), FFI::addr($this->error)));
        $this->handle = $handle;
        try {
            foreach ($options as $name => $value) {
                $this->set($name, (string) $value);
            }
        } catch (RecoException $problem) {
            // PHP destroys nothing whose constructor threw.
            $this->ffi->reco_trainer_free($handle);
            throw $problem;
        }
    }

    /** Keeps FFI's data out of var_dump(). @return array{} */
    public function __debugInfo(): array
    {
        return [];
    }

    /** @throws RecoEngineException Always: what was collected lives in the library. */
    public function __serialize(): never
    {
        throw RecoEngineException::notSerializable();
    }

    public function __destruct()
    {
        $this->ffi->reco_trainer_free($this->handle);
    }

    /**
     * Adds events, all or none; columns that are given have one entry each per event.
     *
     * @param list<int|string> $users
     * @param list<int|string> $items
     * @param list<string>     $kinds   'view', 'cart', 'purchase', 'like', 'dislike' ...; []: none is named
     * @param list<int|float>  $weights quantities or strengths; []: all 1
     * @param list<int>        $times   seconds since 1970; []: no times
     * @param list<int|string> $baskets the order or session of each event, '' for none; []: no event names one
     * @param list<string>     $devices what each visitor used: 'mobile' ..., '' for unknown; []: no event names one
     *
     * @return $this
     *
     * @throws RecoArgumentException if the columns differ in length or an id makes no sense
     * @throws RecoEngineException   if a value makes no sense; the message names the event
     */
    public function addEvents(
        array $users,
        array $items,
        array $kinds = [],
        array $weights = [],
        array $times = [],
        array $baskets = [],
        array $devices = [],
    ): self {
        $count = count($users);
        $columns = [
            'items' => $items,
            'kinds' => $kinds,
            'weights' => $weights,
            'times' => $times,
            'baskets' => $baskets,
            'devices' => $devices,
        ];
        foreach ($columns as $name => $column) {
            if (count($column) !== $count && ($name === 'items' || $column !== [])) {
                throw RecoArgumentException::columns("$count users, " . count($column) . " $name");
            }
        }
        if ($count === 0) {
            return $this;
        }
        $events = $this->ffi->new('reco_events');
        $events->struct_size = FFI::sizeof($events);
        $events->count = $count;
        $kept = [
            $this->text($events, 'users', RecoPacking::ids($users, 'users')),
            $this->text($events, 'items', RecoPacking::ids($items, 'items')),
        ];
        if ($kinds !== []) {
            $kept[] = $this->text($events, 'kinds', RecoPacking::texts($kinds, 'kinds'));
        }
        if ($weights !== []) {
            $bytes = implode('', array_map(static fn (int|float $weight): string => pack('g', $weight), $weights));
            $kept[] = $this->column($events, 'weights', 'float', $count, $bytes);
        }
        if ($times !== []) {
            $kept[] = $this->column($events, 'times', 'int64_t', $count, self::times($times));
        }
        if ($baskets !== []) {
            $kept[] = $this->text($events, 'baskets', RecoPacking::texts($baskets, 'baskets'));
        }
        if ($devices !== []) {
            $kept[] = $this->text($events, 'devices', RecoPacking::texts($devices, 'devices'));
        }
        $this->check($this->ffi->reco_trainer_add_events($this->handle, FFI::addr($events), FFI::addr($this->error)));

        return $this;
    }

    /** @param list<int> $times */
    private static function times(array $times): string
    {
        return implode('', array_map(static fn (int $time): string => pack('P', $time), $times));
    }

    /**
     * Adds searches, from which search learns which words mean the same: what was searched for, and what was clicked or
     * bought after it.
     *
     * @param list<string>     $texts
     * @param list<int|string> $items
     * @param list<int|string> $users who searched, '' for unknown; []: nobody is named
     * @param list<int>        $times seconds since 1970; []: no times, and then no ranker learns from them
     *
     * @return $this
     *
     * @throws RecoArgumentException if the columns differ in length or an id makes no sense
     * @throws RecoEngineException   if a value makes no sense
     */
    public function addSearches(array $texts, array $items, array $users = [], array $times = []): self
    {
        $count = count($texts);
        foreach (['items' => $items, 'users' => $users, 'times' => $times] as $name => $column) {
            if (count($column) !== $count && ($name === 'items' || $column !== [])) {
                throw RecoArgumentException::columns("$count texts, " . count($column) . " $name");
            }
        }
        if ($count === 0) {
            return $this;
        }
        $searches = $this->ffi->new('reco_searches');
        $searches->struct_size = FFI::sizeof($searches);
        $searches->count = $count;
        $kept = [
            $this->text($searches, 'texts', RecoPacking::texts($texts, 'texts')),
            $this->text($searches, 'items', RecoPacking::ids($items, 'items')),
        ];
        if ($users !== []) {
            $kept[] = $this->text($searches, 'users', RecoPacking::texts($users, 'users'));
        }
        if ($times !== []) {
            $kept[] = $this->column($searches, 'times', 'int64_t', $count, self::times($times));
        }
        $this->check(
            $this->ffi->reco_trainer_add_searches($this->handle, FFI::addr($searches), FFI::addr($this->error)),
        );

        return $this;
    }

    /**
     * Adds an attribute of items; a type may follow its name: 'price:number', 'colours:tags', 'brand:category',
     * 'title:text'.
     *
     * @param array<int|string, int|float|string> $values item id => value
     *
     * @return $this
     *
     * @throws RecoArgumentException if the name, an id or a value makes no sense
     */
    public function addAttribute(string $name, array $values): self
    {
        if ($values === []) {
            return $this;
        }
        $items = RecoPacking::ids(array_keys($values), 'items');
        $texts = RecoPacking::texts($values, $name);
        $this->check($this->ffi->reco_trainer_add_attribute(
            $this->handle,
            $name,
            strlen($name),
            $items,
            strlen($items),
            $texts,
            strlen($texts),
            FFI::addr($this->error),
        ));

        return $this;
    }

    /**
     * @return $this
     *
     * @throws RecoEngineException if there is nothing to train on, or memory could not be had
     */
    public function train(): self
    {
        $this->check($this->ffi->reco_trainer_train($this->handle, FFI::addr($this->error)));

        return $this;
    }

    /**
     * What the last train() had to say: a sentence each about what was left out or did not go as it should.
     *
     * @return list<string>
     */
    public function notes(): array
    {
        $length = $this->ffi->new('size_t');
        $room = 4096;
        do {
            $notes = $this->ffi->new("uint8_t[$room]");
            $status = $this->ffi->reco_trainer_notes(
                $this->handle,
                FFI::addr($notes),
                $room,
                FFI::addr($length),
                FFI::addr($this->error),
            );
            $room = $length->cdata;
        } while ($status === RecoStatus::ERROR_BUFFER_TOO_SMALL);
        $this->check($status);

        return $room === 0 ? [] : explode("\0", FFI::string($notes, $room - 1));
    }

    /**
     * Writes the trained model into a temporary file and renames it, so that readers see the old model or the new one.
     *
     * @return $this
     *
     * @throws RecoFileException   if the file cannot be written
     * @throws RecoEngineException if train() has not been called
     */
    public function save(string $path): self
    {
        if ($path === '' || str_contains($path, "\0")) {
            throw RecoFileException::badPath();
        }
        $this->check($this->ffi->reco_trainer_save($this->handle, $path, strlen($path), FFI::addr($this->error)));

        return $this;
    }

    /**
     * The trained model in memory, without a file.
     *
     * @throws RecoEngineException if train() has not been called
     */
    public function open(): Reco
    {
        return new Reco(RecoModel::adopt(
            $this->ffi,
            fn (CData $model, CData $error): int => $this->ffi->reco_trainer_open_model($this->handle, $model, $error),
        ));
    }

    private function __clone(): void
    {
    }

    private function set(string $name, string $value): void
    {
        $this->check($this->ffi->reco_trainer_set(
            $this->handle,
            $name,
            strlen($name),
            $value,
            strlen($value),
            FFI::addr($this->error),
        ));
    }

    /** Copies a text into C memory, which lives as long as what is returned. */
    private function text(CData $columns, string $field, string $text): CData
    {
        $length = strlen($text);
        $memory = $this->ffi->new("uint8_t[$length]");
        FFI::memcpy($memory, $text, $length);
        $columns->{$field} = $memory + 0;
        $columns->{"{$field}_length"} = $length;

        return $memory;
    }

    private function column(CData $events, string $field, string $type, int $count, string $bytes): CData
    {
        $memory = $this->ffi->new("{$type}[$count]");
        FFI::memcpy($memory, $bytes, strlen($bytes));
        $events->{$field} = $memory + 0;
        $events->{"{$field}_count"} = $count;

        return $memory;
    }

    private function check(int $status): void
    {
        RecoStatus::check($status, $this->error);
    }
}
