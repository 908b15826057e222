<?php

declare(strict_types=1);

namespace Reco;

use Closure;
use FFI;
use FFI\CData;

use function count;
use function strlen;

/**
 * An open model and the C memory for talking to it, which is kept from one question to the next.
 *
 * Only this, RecoQueries and RecoTrainer touch C. What crosses, crosses in bulk: texts in by one memcpy, hits and
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

    public readonly RecoInfo $info;

    private readonly CData $errorPointer;

    private readonly RecoQueries $questions;

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
        $this->info = $this->describe();
        $this->questions = new RecoQueries($ffi, $this->info->itemCount);
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
        RecoStatus::check($open(FFI::addr($handle), FFI::addr($error)), $error);

        return new self($ffi, $handle, $error);
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

    private function __clone(): void
    {
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
            $share = max($share, $this->questions->room($question));
        }
        $this->questions->put($questions);
        $this->makeRoomForHits($share * $count);
        $this->check($this->ffi->reco_model_query(
            $this->handle,
            $this->questions->queries,
            $count,
            $this->hits,
            $share * $count,
            $this->questions->counts,
            $count,
            $this->errorPointer,
        ));
        $answers = [];
        $place = 0;
        foreach ($questions as $key => $question) {
            $answers[$key] = $this->read($question, $place * $share, min($this->questions->counts[$place], $share));
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
        $this->putWithHit($question, $hit);
        $room = 64;
        do {
            $length = $room;
            $reasons = $this->ffi->new("reco_reason[$length]");
            $status = $this->ffi->reco_model_explain(
                $this->handle,
                $this->questions->queries,
                $this->hits,
                $reasons,
                $length,
                $this->usedPointer,
                $this->errorPointer,
            );
            if ($status === RecoStatus::ERROR_UNSUPPORTED) {
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
        $words = unpack('g*', FFI::string($reasons, $room * self::REASON)) ?: [];
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
        $this->putWithHit($question, $hit);
        $fields = $this->ffi->new('reco_field[' . self::FIELDS . ']');
        $this->check($this->ffi->reco_model_matched_fields(
            $this->handle,
            $this->questions->queries,
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
        $this->putWithHit($question, $hit);
        $expected = $this->ffi->new('float');
        $room = self::FEATURES;
        do {
            $length = $room;
            $features = $this->ffi->new("reco_feature[$length]");
            $this->check($this->ffi->reco_model_contributions(
                $this->handle,
                $this->questions->queries,
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
            static fn (string $bytes): array => unpack($format, $bytes) ?: [],
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
        $this->makeRoomForHits($count);
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

    private function read(RecoQuestion $question, int $start, int $count): RecoAnswer
    {
        if ($count === 0) {
            return new RecoAnswer($this, '', [], $question);
        }
        $hits = FFI::string($start === 0 ? $this->hits : $this->hits + $start, $count * self::HIT);
        if ($question->candidates !== null) {
            $ids = [];
            foreach (unpack('V*', $hits) ?: [] as $place => $word) {
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
        if ($status === RecoStatus::ERROR_BUFFER_TOO_SMALL) {
            $this->makeRoomForAnswer($this->used->cdata);
            $status = $call();
        }
        $this->check($status);

        return explode("\0", FFI::string($this->answer, $this->used->cdata - 1));
    }

    private function describe(): RecoInfo
    {
        $info = $this->ffi->new('reco_model_info');
        $info->struct_size = FFI::sizeof($info);
        $this->check($this->ffi->reco_model_describe($this->handle, FFI::addr($info), $this->errorPointer));

        return new RecoInfo(
            userCount: $info->user_count,
            itemCount: $info->item_count,
            formatVersion: $info->format_version,
            fileLength: $info->file_length,
            latestEvent: $info->latest_event === PHP_INT_MIN ? null : $info->latest_event,
            integerUserIds: ($info->integer_ids & 1) !== 0,
            integerItemIds: ($info->integer_ids & 2) !== 0,
        );
    }

    /** @param string $hit one reco_hit of the question's answer */
    private function putWithHit(RecoQuestion $question, string $hit): void
    {
        $this->questions->put([$question]);
        $this->makeRoomForHits(1);
        FFI::memcpy($this->hits, $hit, self::HIT);
    }

    private function makeRoomForHits(int $hits): void
    {
        if ($hits > $this->hitsLength) {
            $length = max(32, $hits);
            $this->hits = $this->ffi->new("reco_hit[$length]");
            $this->rows = $this->ffi->cast('uint32_t *', FFI::addr($this->hits));
            $this->hitsLength = $length;
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
        RecoStatus::check($status, $this->error);
    }
}
