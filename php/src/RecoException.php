<?php

declare(strict_types=1);

/** Everything that reco throws: `catch (RecoException $problem)` is enough to show the page without a slot. */
interface RecoException extends Throwable
{
}
