<?php

declare(strict_types=1);

return [
    // The file that `reco train` writes.
    'model' => env('RECO_MODEL', storage_path('app/shop.reco')),

    // What pages do while the model cannot answer: true: they show `bestsellers`; false: an exception.
    'degrade' => true,

    // Product ids, the best first; [] shows nothing.
    'bestsellers' => [],

    // What holds for everything that is shown: 'stock > 0'.
    'filter' => '',
];
