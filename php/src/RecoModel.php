<?php

declare(strict_types=1);

use FFI\CData;

/**
 * An open model and the C memory for talking to it, which is kept from one question to the next.
 *
 * The only class besides RecoTrainer that touches C. What crosses, crosses in bulk: texts in by one memcpy, hits and
 * ids out by one FFI::string each; an element-wise loop over C data would cost more than the whole question.
 *
 * @internal
 */
final class RecoModel
{
    /** Bytes of a reco_hit: row, score, source and rung, position. */
    private const HIT = 16;
    /** Bytes of a reco_reason: row, contribution. */
    private const REASON = 8;
    /** A reco_field: name, share, words. */
    private const FIELD = 'Z72name/gshare/Vwords';
    private const FIELDS = 8;
    /** A reco_feature: name, value, contribution. */
    private const FEATURE = 'Z72name/gvalue/gcontribution';
    private const FEATURES = 128;
    private const OK = 0;
    private const ERROR_ARGUMENT = 1;
    private const ERROR_SYSTEM = 3;
    private const ERROR_DAMAGED = 4;
    private const ERROR_NEWER_VERSION = 5;
    private const ERROR_BUFFER_TOO_SMALL = 6;
    private const ERROR_UNSUPPORTED = 9;

    public readonly RecoInfo $info;

    private readonly CData $errorPointer;

    /** Texts on their way in; the fields of a question point into it. */
    private CData $texts;
    private int $textsLength = 0;

    /** One reco_query, or as many as the largest batch had. */
    private CData $queries;
    private CData $counts;
    private int $queriesLength = 0;
    private readonly int $querySize;

    /** The reco_lives that questions point to. */
    private CData $lives;
    private int $livesLength = 0;

    private CData $hits;
    /** The rows of those hits, for calls that read them with a stride. */
    private CData $rows;
    private int $hitsLength = 0;

    /** Ids and attributes on their way out. */
    private CData $answer;
    private int $answerLength = 0;
    private readonly CData $used;
    private readonly CData $usedPointer;

    private function __construct(
        private readonly FFI $ffi,
        private readonly CData $handle,
        private readonly CData $error,
    ) {
        $this->errorPointer = FFI::addr($this->error);
        $this->used = $ffi->new('size_t');
        $this->usedPointer = FFI::addr($this->used);
        $this->querySize = FFI::sizeof($ffi->type('reco_query'));
    }

    /** @throws RecoException if the file is missing, unreadable, damaged or too new, or the library cannot be used */
    public static function open(string $path): self
    {
        if ($path === '' || str_contains($path, "\0")) {
            throw RecoFileException::badPath();
        }
        $ffi = RecoLibrary::ffi();
        $open = static fn (CData $handle, CData $error): int
            => $ffi->reco_model_open($path, strlen($path), $handle, $error);

        return self::adopt($ffi, $open);
    }

    /**
     * Takes over the handle that `open` fills.
     *
     * @param Closure(CData, CData): int $open
     */
    public static function adopt(FFI $ffi, Closure $open): self
    {
        $handle = $ffi->new('reco_model *');
        $error = $ffi->new('reco_error');
        $status = $open(FFI::addr($handle), FFI::addr($error));
        if ($status !== self::OK) {
            throw self::problem($status, $error);
        }
        $model = new self($ffi, $handle, $error);
        $model->describe();

        return $model;
    }

    /** Keeps FFI's data out of var_dump(). @return array{} */
    public function __debugInfo(): array
    {
        return [];
    }

    /** @throws RecoEngineException Always: a model is opened, not unserialised. */
    public function __serialize(): never
    {
        throw RecoEngineException::notSerializable();
    }

    public function __destruct()
    {
        $this->ffi->reco_model_close($this->handle);
    }

    private function __clone()
    {
    }

    /** The exception that a status means. */
    public static function problem(int $status, CData $error): RecoException
    {
        $message = FFI::string($error->message);

        return match ($status) {
            self::ERROR_ARGUMENT => RecoArgumentException::fromLibrary($message, $status),
            self::ERROR_SYSTEM,
            self::ERROR_DAMAGED,
            self::ERROR_NEWER_VERSION => RecoFileException::fromLibrary($message, $status),
            default => RecoEngineException::fromLibrary($message, $status),
        };
    }

    public function verify(): void
    {
        $this->check($this->ffi->reco_model_verify($this->handle, $this->errorPointer));
    }

    /**
     * @param non-empty-array<RecoQuestion> $questions
     *
     * @return array<RecoAnswer> under the keys of the questions
     */
    public function ask(array $questions): array
    {
        $count = count($questions);
        $share = 1;
        foreach ($questions as $question) {
            $share = max($share, $this->room($question));
        }
        $this->put($questions, $share * $count);
        $this->check($this->ffi->reco_model_query(
            $this->handle,
            $this->queries,
            $count,
            $this->hits,
            $share * $count,
            $this->counts,
            $count,
            $this->errorPointer,
        ));
        $answers = [];
        $place = 0;
        foreach ($questions as $key => $question) {
            $answers[$key] = $this->read($question, $place * $share, min($this->counts[$place], $share));
            $place++;
        }

        return $answers;
    }

    /**
     * What the visitor's own items add to the score of a hit.
     *
     * @param string $hit one reco_hit
     *
     * @return array<int|string, float> by item id, the largest first; empty where the source cannot tell
     */
    public function explain(RecoQuestion $question, string $hit): array
    {
        $this->put([$question], 1);
        FFI::memcpy($this->hits, $hit, self::HIT);
        $room = 64;
        do {
            $length = $room;
            $reasons = $this->ffi->new("reco_reason[$length]");
            $status = $this->ffi->reco_model_explain(
                $this->handle,
                $this->queries,
                $this->hits,
                $reasons,
                $length,
                $this->usedPointer,
                $this->errorPointer,
            );
            if ($status === self::ERROR_UNSUPPORTED) {
                return [];
            }
            $this->check($status);
            $room = $this->used->cdata;
        } while ($room > $length);
        if ($room === 0) {
            return [];
        }
        $rows = $this->ffi->cast('uint32_t *', FFI::addr($reasons));
        $ids = $this->texts($room, fn (): int => $this->ffi->reco_model_item_ids(
            $this->handle,
            $rows,
            $room,
            self::REASON,
            $this->answer,
            $this->answerLength,
            $this->usedPointer,
            $this->errorPointer,
        ));
        $parts = [];
        $words = unpack('g*', FFI::string($reasons, $room * self::REASON));
        foreach ($ids as $place => $id) {
            $parts[$id] = $words[2 * $place + 2];
        }

        return $parts;
    }

    /**
     * Which fields of a hit's text are like what was asked, and their shares in it.
     *
     * @param string $hit one reco_hit
     *
     * @return array<string, float> by field, the largest first
     */
    public function matchedFields(RecoQuestion $question, string $hit): array
    {
        $this->put([$question], 1);
        FFI::memcpy($this->hits, $hit, self::HIT);
        $fields = $this->ffi->new('reco_field[' . self::FIELDS . ']');
        $this->check($this->ffi->reco_model_matched_fields(
            $this->handle,
            $this->queries,
            $this->hits,
            $fields,
            self::FIELDS,
            $this->usedPointer,
            $this->errorPointer,
        ));

        return array_column($this->records($fields, $this->used->cdata, self::FIELD), 'share', 'name');
    }

    /**
     * What the ranker's features add to the score of a hit, and what it would be without any.
     *
     * @param string $hit one reco_hit
     *
     * @return array<string, float> by feature, the largest part first, 'expected' last; empty where it is not ranked
     */
    public function contributions(RecoQuestion $question, string $hit): array
    {
        $this->put([$question], 1);
        FFI::memcpy($this->hits, $hit, self::HIT);
        $expected = $this->ffi->new('float');
        $room = self::FEATURES;
        do {
            $length = $room;
            $features = $this->ffi->new("reco_feature[$length]");
            $this->check($this->ffi->reco_model_contributions(
                $this->handle,
                $this->queries,
                $this->hits,
                $features,
                $length,
                $this->usedPointer,
                FFI::addr($expected),
                $this->errorPointer,
            ));
            $room = $this->used->cdata;
        } while ($room > $length);
        $parts = array_column($this->records($features, $room, self::FEATURE), 'contribution', 'name');

        return $parts === [] ? [] : $parts + ['expected' => $expected->cdata];
    }

    /** @return list<array<string, mixed>> the first `$count` of an array of structures, as `unpack` reads each */
    private function records(CData $array, int $count, string $format): array
    {
        if ($count === 0) {
            return [];
        }
        $size = FFI::sizeof($array[0]);

        return array_map(
            static fn (string $bytes): array => unpack($format, $bytes),
            str_split(FFI::string($array, $count * $size), $size),
        );
    }

    /**
     * An attribute of the items that `$hits` names.
     *
     * @param string $hits as an answer keeps them
     *
     * @return list<string>
     */
    public function attributeOfHits(string $name, string $hits): array
    {
        $count = intdiv(strlen($hits), self::HIT);
        if ($count === 0) {
            return [];
        }
        $this->makeRoom(0, $count, 0);
        FFI::memcpy($this->hits, $hits, $count * self::HIT);

        return $this->texts($count, fn (): int => $this->ffi->reco_model_item_attribute(
            $this->handle,
            $name,
            strlen($name),
            $this->rows,
            $count,
            self::HIT,
            $this->answer,
            $this->answerLength,
            $this->usedPointer,
            $this->errorPointer,
        ));
    }

    /**
     * An attribute of the items that have these ids.
     *
     * @param array<mixed> $ids
     *
     * @return list<string> '' for an unknown item
     */
    public function attributeOfIds(string $name, array $ids): array
    {
        $packed = RecoPacking::ids($ids, 'attribute');
        $count = count($ids);
        if ($count === 0) {
            return [];
        }
        $rows = $this->ffi->new("uint32_t[$count]");
        $this->check($this->ffi->reco_model_item_rows(
            $this->handle,
            $packed,
            strlen($packed),
            $rows,
            $count,
            $this->usedPointer,
            $this->errorPointer,
        ));

        return $this->texts($count, fn (): int => $this->ffi->reco_model_item_attribute(
            $this->handle,
            $name,
            strlen($name),
            $rows,
            $count,
            4,
            $this->answer,
            $this->answerLength,
            $this->usedPointer,
            $this->errorPointer,
        ));
    }

    /** @return array{0: string, 1: string} the names of a hit's source and rung */
    public function names(int $source, int $rung): array
    {
        return [$this->ffi->reco_source_name($source), $this->ffi->reco_rung_name($rung)];
    }

    /** How many hits the answer can have, whatever limit was asked for. */
    private function room(RecoQuestion $question): int
    {
        if ($question->candidates !== null) {
            $all = count($question->candidates);

            return $question->limit === 0 ? $all : min($question->limit, $all);
        }

        return min($question->limit, max(1, $this->info->itemCount));
    }

    /**
     * Copies questions into C memory, with room for `$hits` hits. Live values that a question shares with the one before
     * it are copied once.
     *
     * @param non-empty-array<RecoQuestion> $questions
     */
    private function put(array $questions, int $hits): void
    {
        $length = 0;
        $lives = 0;
        $before = [];
        foreach ($questions as $question) {
            $length += $this->textLength($question);
            if ($question->live !== $before) {
                $before = $question->live;
                $lives += count($before);
                foreach ($before as $live) {
                    $length += strlen($live['name']) + strlen($live['items']) + strlen($live['values']) + 8;
                }
            }
        }
        $this->makeRoom(count($questions), $hits, $length);
        if ($lives > $this->livesLength) {
            $this->lives = $this->ffi->new("reco_live[$lives]");
            $this->livesLength = $lives;
        }
        $at = 0;
        $block = '';
        $place = 0;
        $live = 0;
        $before = [];
        foreach ($questions as $question) {
            $query = $this->queries[$place];
            $this->write($query, $question, $block, $at);
            if ($question->live !== $before) {
                $before = $question->live;
                $this->writeLive($live, $before, $block, $at);
                $live += count($before);
            }
            if ($before !== []) {
                $query->live = $this->lives + ($live - count($before));
                $query->live_count = count($before);
            }
            $place++;
        }
        if ($block !== '') {
            FFI::memcpy($this->texts, $block, strlen($block));
        }
    }

    /**
     * Fills reco_lives from number `$first` on; the numbers come first, where they stand at a multiple of 8.
     *
     * @param list<array{name: string, items: string, values: string, count: int}> $lives
     */
    private function writeLive(int $first, array $lives, string &$block, int &$at): void
    {
        foreach ($lives as $place => $given) {
            $padding = -$at & 7;
            $block .= str_repeat("\0", $padding) . $given['values'] . $given['items'] . $given['name'];
            $live = $this->lives[$first + $place];
            $at += $padding;
            $live->values = $this->ffi->cast('double *', $this->texts + $at);
            $live->values_count = $given['count'];
            $at += strlen($given['values']);
            $live->items = $this->texts + $at;
            $live->items_length = strlen($given['items']);
            $at += strlen($given['items']);
            $live->name = $this->texts + $at;
            $live->name_length = strlen($given['name']);
            $at += strlen($given['name']);
        }
        $padding = -$at & 3;
        $block .= substr("\0\0\0", 0, $padding);
        $at += $padding;
    }

    private function textLength(RecoQuestion $question): int
    {
        $length = strlen($question->ages) + strlen($question->kinds) + 8;
        foreach ($question->texts as $text) {
            $length += strlen($text);
        }

        return $length;
    }

    /** Fills a reco_query in place; `$block` collects what its pointers will point at, from offset `$at`. */
    private function write(CData $query, RecoQuestion $question, string &$block, int &$at): void
    {
        $query->struct_size = $this->querySize;
        $query->flags = $question->flags;
        $query->limit = $question->limit === 0 ? 0 : $this->room($question);
        $query->diversity = $question->diversity;
        $query->time = $question->time;
        if ($question->kinds !== '') {
            $count = strlen($question->kinds);
            $query->session_ages = $this->ffi->cast('float *', $this->texts + $at);
            $query->session_ages_count = $count;
            $query->session_kinds = $this->texts + ($at + 4 * $count);
            $query->session_kinds_count = $count;
            $block .= $question->ages . $question->kinds;
            $at += 5 * $count;
        }
        foreach ($question->texts as $field => $text) {
            $length = strlen($text);
            $query->{$field} = $this->texts + $at;
            $query->{"{$field}_length"} = $length;
            $block .= $text;
            $at += $length;
        }
        $padding = -$at & 3;
        if ($padding !== 0) {
            $block .= substr("\0\0\0", 0, $padding);
            $at += $padding;
        }
    }

    private function read(RecoQuestion $question, int $start, int $count): RecoAnswer
    {
        if ($count === 0) {
            return new RecoAnswer($this, '', [], $question);
        }
        $hits = FFI::string($start === 0 ? $this->hits : $this->hits + $start, $count * self::HIT);
        if ($question->candidates !== null) {
            $ids = [];
            foreach (unpack('V*', $hits) as $place => $word) {
                if (($place & 3) === 0) {
                    $ids[] = $question->candidates[$word];
                }
            }

            return new RecoAnswer($this, $hits, $ids, $question);
        }
        // No arithmetic on a pointer that a cast made: PHP 8.2 leaks its type.
        $rows = $start === 0 ? $this->rows : $this->ffi->cast('uint32_t *', FFI::addr($this->hits[$start]));
        $ids = $this->texts($count, fn (): int => $this->ffi->reco_model_item_ids(
            $this->handle,
            $rows,
            $count,
            self::HIT,
            $this->answer,
            $this->answerLength,
            $this->usedPointer,
            $this->errorPointer,
        ));

        return new RecoAnswer($this, $hits, $this->info->integerItemIds ? array_map('intval', $ids) : $ids, $question);
    }

    /**
     * Texts that a call leaves packed in `$this->answer`; calls again with more room where it asks for that.
     *
     * @param Closure(): int $call
     *
     * @return list<string>
     */
    private function texts(int $count, Closure $call): array
    {
        $this->makeRoomForAnswer(max(1024, 24 * $count));
        $status = $call();
        if ($status === self::ERROR_BUFFER_TOO_SMALL) {
            $this->makeRoomForAnswer($this->used->cdata);
            $status = $call();
        }
        $this->check($status);

        return explode("\0", FFI::string($this->answer, $this->used->cdata - 1));
    }

    private function describe(): void
    {
        $info = $this->ffi->new('reco_model_info');
        $info->struct_size = FFI::sizeof($info);
        $this->check($this->ffi->reco_model_describe($this->handle, FFI::addr($info), $this->errorPointer));
        $this->info = new RecoInfo(
            userCount: $info->user_count,
            itemCount: $info->item_count,
            formatVersion: $info->format_version,
            fileLength: $info->file_length,
            latestEvent: $info->latest_event === PHP_INT_MIN ? null : $info->latest_event,
            integerUserIds: ($info->integer_ids & 1) !== 0,
            integerItemIds: ($info->integer_ids & 2) !== 0,
        );
    }

    private function makeRoom(int $queries, int $hits, int $texts): void
    {
        if ($queries > $this->queriesLength) {
            $this->queries = $this->ffi->new("reco_query[$queries]");
            $this->counts = $this->ffi->new("uint32_t[$queries]");
            $this->queriesLength = $queries;
        } elseif ($queries > 0) {
            FFI::memset($this->queries, 0, $queries * $this->querySize);
        }
        if ($hits > $this->hitsLength) {
            $length = max(32, $hits);
            $this->hits = $this->ffi->new("reco_hit[$length]");
            $this->rows = $this->ffi->cast('uint32_t *', FFI::addr($this->hits));
            $this->hitsLength = $length;
        }
        if ($texts > $this->textsLength) {
            $length = max(1024, $texts);
            $this->texts = $this->ffi->new("uint8_t[$length]");
            $this->textsLength = $length;
        }
    }

    private function makeRoomForAnswer(int $length): void
    {
        if ($length > $this->answerLength) {
            $this->answer = $this->ffi->new("uint8_t[$length]");
            $this->answerLength = $length;
        }
    }

    private function check(int $status): void
    {
        if ($status !== self::OK) {
            throw self::problem($status, $this->error);
        }
    }
}
